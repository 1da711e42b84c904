"""Words that govern a place in a sentence, in French and English, by what they make of it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sahel_geo.incidents.columns.number_words import COUNT

_EVENTS: Final = (
    r"attaqu\w*|attack\w*|blasts?|harcel\w*|harass\w*|partie?s? en fumée|took hostage|"
    r"taken hostage|tu[eé](?:e?s?|r|nt|rent|rie\w*)|mort\w*|"
    r"(?<!chevet des )(?<!visité les )bless\w*|embuscade\w*|guet-apens|"
    r"explos\w*|enlev[eé]\w*|enl[eè]v\w*|rapt\w*|kidnap\w*|abduct\w*|otages?|hostages?|"
    r"assassin\w*|[eé]gorg\w*|meurtr\w*|abatt\w*|abat|abattu\w*|sabot\w*|d[eé]tru\w*|destroy\w*|"
    r"destruct\w*|braqu\w*|tirs?|tir[eé]\w*|corps|cadavres?|stab\w*|torch\w*|gunned|gunfire|"
    r"grenades?|overran|robb\w*|d[eé]pouill\w*|ran[cç]onn\w*|blew|bod(?:y|ies)|ouvert le feu|"
    r"opened fire|fired|ras[eé](?:e?s?)|razed|p[eé]ri\w*|perdu la vie|lost their lives|"
    r"killings?|kill\w*|dead|deaths?|died|incendi\w*|mis le feu|set fire|brûl\w*|burn\w*|"
    r"assaut\w*|assault\w*|storm\w*|affront\w*|combats?|fighting|firefight\w*|clash\w*|"
    r"engag(?:ed|ement\w*)|repouss\w*|repel\w*|neutralis\w*|"
    r"mines?(?! d['’]or| work| artisanale)|engins?|devices?|ied|bombes?|bomb\w*|roquettes?|"
    r"rockets?|mortars?|obus|shell\w*|drones?|frapp\w*|strikes?|struck|airstrike\w*|raid\w*|"
    r"massacr\w*|ex[eé]cut\w*|pill\w*|loot\w*|saccag\w*|ransack\w*|vandalis\w*|mitraill\w*|"
    r"lynch\w*|hacked|murder\w*|slaughter\w*|slain|"
    r"(?<!visited the )(?<!visiting the )wound\w*|injur\w*|ambush\w*|shot|shoot\w*|"
    r"hit|attentats?|fusillade\w*|violences?|violence|tueries?|carnage|victimes?|victims?|"
    r"casualt\w*|hors de combat|s['’]en (?:est |sont )?pris|s['’]en prendre|"
    r"prise?s? (?:pour cible|[àa] partie)|"
    r"cibl[eé]\w*|targeted|sauté|fauch[eé]\w*|prise?s?(?! en charge)|chute|fall|fell|"
    r"captur\w*|overrun|"
    r"took over|seiz\w*|empar[eé]\w*|repris|regained|retake|encercl\w*|surrounded|irruption|"
    r"incursion\w*|held up|(?:car|hi)jack\w*|rustl\w*|dynamit\w*|"
    r"intercept\w*|touch[eé]\w*|beat\w*|battus?|tabass\w*|crash\w*|"
    r"accident\w*|collision\w*|missing|disparu\w*|siege|besieged|assi[eé]g\w*|ablaze|ravag\w*|"
    r"vis(?:[eé]e?s?|aient|ait|ant)|tomb(?:[eé]e?s?|ent|er)(?! de la nuit)|"
    r"(?:s['’]est|se sont)(?: \w+){0,2} (?:produit|d[eé]roul)\w*|target(?= (?:was|were)\b)|"
    r"cible(?= (?:[eé]tait|a [eé]t[eé])\b)|co[uû]t[eé] la vie|came under (?:attack|fire)|"
    r"perd(?:u|ent) (?:\w+ ){1,3}(?:hommes|soldats|combattants)|"
    r"pilonn\w*|d[eé]trouss\w*|s[eé]questr\w*|min[eé]e?s?"
)
_LESSER: Final = (
    r"interpell\w*|arr[eê]t[eé]\w*|arrest\w*|lib[eé]r[eé]\w*|freed|released|rel[aâ]ch\w*|"
    r"vol[eé]\w*|stole\w*|manifest\w*|protest\w*|blocus|blockade\w*|block\w*|bloqu\w*|barrages?|"
    r"checkpoint\w*|menac\w*|threat\w*|ultimatum|"
    r"(?<!sans )(?<!without )(?<!no )incidents?|preach\w*|pr[eê]ch\w*|coup[eé]\w*|"
    r"cut|ferm[eé]\w*|closed|closure|abandon\w*|saisi\w*|ordered|impos\w*|taxe\w*|occup\w*|"
    r"accroch\w*|tensions?|d[eé]mantel\w*|dismantl\w*|"
    r"(?:hommes|individus|[eé]l[eé]ments|motos) (?:arm[eé]s )?signal[eé]e?s"
)
_MOTION: Final = (
    r"venu\w*|(?:re)?ven(?:ait|aient|ant)|provenance|origin\w*|nati(?:f|ve)s?|natives?|"
    r"ressortissant\w*|reven\w*|viv(?:ant|ent)|living|r[eé]sidant|residing|shelter\w*|"
    r"parti(?:e?s?|r|rent|t)|partant|quitt\w*|fui\w*|fuy\w*|fuite|fle(?:d|e|es|eing)|escap\w*|"
    r"left|leav\w*|d[eé]part|arriv\w*|rend(?:u|ue|us|ues|ait|aient|re)|dirig\w*|"
    r"allai(?:t|ent)|safe(?= (?:in|at) )|(?<= et )saufs?|retour(?= d[eu’'])|"
    r"(?<!from the )direction|destination|rentr\w*|retourn\w*|return\w*|regagn\w*|rejoin\w*|"
    r"rejoign\w*|ralli\w*|travel\w*|head(?:ed|ing)|bound|reach\w*(?! by )|crossed|came|come|coming|"
    r"went|go(?:ing|es)|gagn\w*|(?<!de )transport(?!s? en commun|eur)\w*|"
    r"transf[eé]r\w*|transferred|[eé]vacu\w*|achemin\w*|"
    r"condui\w*|ramen\w*|emmen\w*|"
    r"(?:brought|taken|took|carried)(?= (?:\w+ ){0,4}(?:to|towards?|back)\b)|"
    r"rapatri\w*|chevet|visit(?:é les|ed the|ing the)|pris(?:e?s?)? en charge|"
    r"repatriat\w*|(?<=be )held|(?<=being )held|immatricul\w*|"
    r"exer[cç]ai(?:t|ent)|(?:travaill|enseign)ai(?:t|ent)|worked|taught|"
    r"flown|driv(?:en|ing)|rushed|airlifted|relocat\w*|d[eé]port\w*|mut[eé]\w*|"
    r"admi(?:s|ses?|tted)|affect[eé]e?s?(?= [àa] )|"
    r"soign\w*|hospital(?:is|iz)\w*|treated|(?<!d['’]un )enterr\w*|inhum\w*|buried|"
    r"laid to rest|(?<!at a )(?<!at the )funeral\w*|(?<!lors des )obs[eè]ques|"
    r"r[eé]fugi\w*|refuges?|refugees?|abrit\w*|abris?|"
    r"d[eé]plac[eé]\w*|displaced|chass[eé]\w*|affl[uo]\w*|sheltering|settle\w*|install[eé]\w*|"
    r"accueilli\w*|repli\w*|withdr\w*|basée?s?|based|stationed|d[eé]ploy\w*|deployed|posted|"
    r"ferr(?:y|ied)|way|route vers|menant|allant|revendu\w*|sold|pursued|poursuivi\w*|"
    r"pris en chasse|fronti[eè]re (?:avec|du|de)|border with|jusqu['’]\w*|as far as|ceux|"
    r"(?<!\bet )celles?|celui|those|"
    r"(?:sont|are)(?= (?:\w+ )?(?:[àa]|at|in) (?-i:[A-Z]))|"
    r"(?:identifi(?:[eé]e?s?|ed)|remise?s?|handed over)(?= (?:[àa]|in|at) )|"
    r"tourn[eé]e|deposited|recueilli\w*|import\w*|issus?"
)
_TELLING: Final = (
    r"annon[cç]\w*|d[eé]men(?:t|tent|ti)|den(?:y|ies|ied)|d[eé]clar\w*|condamn\w*|d[eé]nonc\w*|communiqu[eé]\w*|signal\w*|indiqu\w*|"
    r"affirm\w*|rapport\w*|pr[eé]cis\w*|[eé]voqu\w*|confirm\w*|racont\w*|t[eé]moign\w*|joints?|"
    r"interrog[eé]\w*|r[eé]uni\w*|visit\w*|pr[eé]sid[eé]\w*|c[eé]r[eé]monie\w*|hommages?|"
    r"reached by (?:tele)?phone|"
    r"meeting\w*|conf[eé]rence\w*|enqu[eê]te\w*|jug[eé]\w*|proc[eè]s|inaugur\w*|revenu sur|"
    r"promi\w*|revendiqu\w*|rassur\w*|appel[eé]\w*|salu[eé]\w*|publi[eé]\w*|said|says?|told|"
    r"announc\w*|report(?:s|ed|ing)?|condemn\w*|denounc\w*|statements?|speaking|spoke|inquiry|"
    r"investigation\w*|trial|tried|ceremon\w*|tribute\w*|summit|sommet|claim\w*|ask\w*|"
    r"call(?:ed|s)|contact\w*|issued|hail\w*|prolong\w*|suspend\w*|"
    r"met|n[eé]goci\w*|negotiat\w*|talks|discuss\w*|rencontr\w*|imposed a curfew|curfew"
)
_SOURCES: Final = (
    r"selon|d['’]apr[eè]s|according to|sources?|t[eé]moins?|witness\w*|porte-parole|spokes\w+|"
    r"citing"
)
_TITLES: Final = (
    r"maires?|pr[eé]fets?|sous-pr[eé]fets?|gouverneurs?|[eé]lus?|notables?|chefs?|imams?|"
    r"marabouts?|responsables?|commandants?|mayors?|prefects?|governors?|chiefs?|leaders?|"
    r"councill?ors?|elders?|officials?|procureur\w*|prosecutor\w*|tribun\w*|courts?|parquet|"
    r"autorit[eé]s|authorities|police|s[eé]nateur\w*|d[eé]put[eé]s?|h[oô]pita(?:l|ux)|"
    r"hospitals?|cliniques?|clinics?|centre (?:m[eé]dical|de sant[eé])|medical cent(?:er|re)|"
    r"universit\w+|radio|journal|bataillons?|garnisons?|battalions?|garrisons?"
)
_PEOPLE: Final = (
    r"habitants?|villageois|r[eé]sid(?:e|a)nts?|populations?|jeunes|commer[cç]ants?|"
    r"[eé]leveurs?|agriculteurs?|paysans?|orpailleurs?|p[eê]cheurs?|familles?|m[eé]nages?|"
    r"femmes?|employ[eé]s?|enseignants?|soldats?|volontaires|citoyens?|jeunesse|villagers?|"
    r"people|traders?|herders?|farmers?|miners?|famil(?:y|ies)|households?|idps?|youths?|"
    r"fishermen|volunteers?|vdps?|civilians?|soldiers?|inhabitants?|bergers?|marchands?|"
    r"merchants?|citizens?|students?|enfants?|fillettes?|[eé]l[eè]ves?|child(?:ren)?|pupils?|women|"
    r"girls?|boys?|chauffeurs?|drivers?"
)
_WORDS: Final = {
    "event": _EVENTS,
    "motion": _MOTION,
    "telling": _TELLING,
    "source": _SOURCES,
    "title": _TITLES,
    "people": _PEOPLE,
    "lesser": _LESSER,
}
_GOVERNORS: Final = re.compile(
    "|".join(rf"(?P<{kind}>\b(?:{words})(?!\w))" for kind, words in _WORDS.items()), re.IGNORECASE
)
# Where a clause ends: what governs a place stands on the same side.
_BOUNDARIES: Final = re.compile(
    r"[;:]|\b(?:apr[eè]s que|avant que|lorsqu['’e]|quand|alors qu['’e]|"
    r"tandis qu['’e]|pendant qu['’e]|où|puis|suite [àa]|lendemain d|when|while|where|after|"
    r"before|following|since|mais|but|apr[eè]s|avant|dès|then)(?!\w)",
    re.IGNORECASE,
)

# "clashes were reported in X" tells of X; "the army reported clashes" tells of what is behind.
_REPORTED: Final = re.compile(
    r"(?:^|\b(?:was|were|been|is|are|[eé]t[eé]|est|sont)(?: \w+){0,2}) "
    r"(?:reported|recorded|signal[eé]e?s?|rapport[eé]e?s?|enregistr[eé]e?s?)$",
    re.IGNORECASE,
)

_CASUALTIES: Final = re.compile(
    r"(?:victim|mort|bless|tu[eé]|kill|dead|death|casualt|injur|wound)", re.IGNORECASE
)  # without them, an event may still have happened
_DENIED_EVENT: Final = re.compile(
    r"\b(?:aucune?|no|without|(?:d[eé]men\w*|nie|nient|rejet\w*|den(?:y|ies|ied))(?: \w+)? "
    r"(?:toute?|any)) (?:\w+ )?$|\bpas (?:eu )?d(?:e |['’])(?:\w+ )?$|"
    r"\bn['’](?:a|ont|avait|avaient|est|sont) (?:pas|jamais) (?:[eé]t[eé] )?$|"
    r"\b(?:did|was|were|had|has|have)(?: not|n['’]t) (?:been )?$",
    re.IGNORECASE,
)
# What happened before is the scene only where nothing else happens: "a month after the X attack".
_EARLIER_LEAD: Final = re.compile(
    r"\b(?:jours?|semaines?|mois|ans?|ann[eé]es?) apr[eè]s [^,.;]{0,60}$|"
    r"\b(?:days?|weeks?|months?|years?) after [^,.;]{0,60}$|"
    r"\b(?:similaire|semblable|pr[eé]c[eé]dente|similar|previous|earlier)\b[^,.;]{0,40}$|"
    r"\b(?:deadliest|worst|first)\b.{0,40}\bsince the (?:\w+ ){0,4}$|"
    r"\b(?:meurtri[eè]re|grave|premi[eè]re)\b.{0,40}\bdepuis (?:celle|l['’]attaque|l['’]embuscade|"
    r"le massacre|la tuerie|la prise|le raid)\b[^,.;]{0,40}$",
    re.IGNORECASE,
)
_LONG_AGO: Final = re.compile(
    r"\b(?:d[eé]j[àa] en (?:19|20)\d\d|last (?:year|month)|"
    r"(?:years?|months?) (?:ago|earlier|before)|"
    r"(?:l['’]an|l['’]ann[eé]e|le mois) (?:derni|pass)|avai(?:t|ent) d[eé]j[àa]|had already|"
    r"(?:ans?|mois|ann[eé]es?) (?:plus t[oô]t|auparavant)|"
    r"il y a [\w-]+ (?:ans?|mois|ann[eé]es?)|pour (?:rappel|m[eé]moire))\b|"
    r"^\s*[\w-]+ (?:weeks? (?:ago|earlier|before)|semaines? (?:plus t[oô]t|auparavant))",
    re.IGNORECASE,
)
_THAT_YEAR: Final = re.compile(r" (?:en|in) (?:19|20)\d\d\b")
_DAY: Final = r"(?:(?:le )?\d{1,2}(?:er)? [a-zéû]{3,9}\.?|[A-Z][a-z]{2,8}\.? \d{1,2})(?:,? \d{4})?"
# "BAMAKO (AFP) - ", "Gao, 7 juin (Reuters) - ", "Gao, March 12 - "
_DATELINE: Final = re.compile(
    r"\s*[A-ZÉ][\w'’-]*(?:[ ,/]{1,2}[A-ZÉ][\w'’-]*){0,3}"
    rf"(?:(?:,? {_DAY})?,? ?\((?:[A-Z]{{2,9}}|Reuters|Xinhua|Anadolu)(?:/\w+)?\)|,? {_DAY})"
    r" ?(?:[-–—:]|\.(?= )) ?"
)
_DISTANCE: Final = re.compile(r"[kK]|[mM]ile")
_OFFSET_LEAD: Final = re.compile(
    rf"((?:environ |about |some )?(?:\d{{1,3}}(?:[.,]\d+)?|{COUNT})(?: de| d['’]| of)? ?"
    r"(?:km|kilom\w+|miles?)[^.;:]{0,30}?"
    r"(?:de la |de l['’]|du |de |d['’]|of |from ))$",
    re.IGNORECASE,
)
SPOT: Final = re.compile(
    r"\b(?:[àa] (?:la )?hauteur|au niveau) (?:du |d[e'’])", re.IGNORECASE
)  # where on a road
_DENIED: Final = re.compile(r"\b(?:aucune?s?|pas|no|not|never|jamais)\b|\bn['’]", re.IGNORECASE)


@dataclass(frozen=True)
class Sentence:
    """Where the words that govern places stand in one sentence."""

    # start, end and kind of each: ``event``, ``lesser`` (of an event), ``motion``, ``telling``,
    # ``source``, ``title``, ``people``
    words: tuple[tuple[int, int, str], ...]
    boundaries: tuple[tuple[int, int], ...]  # spans of what parts its clauses

    def clause(self, at: int) -> tuple[int, int]:
        """Give the span of the clause around a position."""
        first = max((end for _, end in self.boundaries if end <= at), default=0)
        last = min((start for start, _ in self.boundaries if start >= at), default=10**9)
        return first, last

    def events(self) -> list[tuple[int, int]]:
        """Give the spans of what happens; what is less counts where nothing else does."""
        for kind in ("event", "lesser"):
            spans = [(start, end) for start, end, each in self.words if each == kind]
            if spans:
                return spans
        return []

    @classmethod
    @lru_cache(maxsize=256)
    def of(cls, text: str) -> "Sentence":
        """Find what governs places in a sentence.

        >>> [kind for _, _, kind in Sentence.of("Le maire a annoncé une attaque").words]
        ['title', 'telling', 'event']
        """
        words: list[tuple[int, int, str]] = []
        for each in _GOVERNORS.finditer(text):
            start, end, kind = *each.span(), str(each.lastgroup)
            if kind != "telling" or not (words and _is_reported(text, words[-1], end)):
                words.append((start, end, kind))
        return cls(tuple(words), tuple(each.span() for each in _BOUNDARIES.finditer(text)))


def _is_reported(text: str, event: tuple[int, int, str], end: int) -> bool:
    """Whether the word up to `end` only says that the event before it is known to have happened."""
    reported = (
        event[2] in {"event", "lesser"} and _REPORTED.search(text[event[1] : end]) is not None
    )
    if reported and _CASUALTIES.match(text, event[0]):
        return True
    return reported and _DENIED.search(text[max(0, event[0] - 20) : end]) is None


def dateline_end(text: str) -> int:
    """Give where a report begins behind where and by whom it is told; 0 without that."""
    dateline = _DATELINE.match(text)
    return dateline.end() if dateline else 0


def offset_lead(lead: str) -> re.Match[str] | None:
    """Find "20 km north of" at the end of the words before a place."""
    return (
        _OFFSET_LEAD.search(lead, max(0, len(lead) - 120))
        if _DISTANCE.search(lead, max(0, len(lead) - 60))
        else None
    )


def is_denied(lead: str, event: str) -> bool:
    """Whether the words before an event say that there was none."""
    return _DENIED_EVENT.search(lead) is not None and _CASUALTIES.match(event) is None


def is_earlier(lead: str, tail: str = "", sentence: str = "") -> bool:
    """Whether the words around a place, or its whole sentence, speak of what happened before."""
    return bool(_is_long_ago(sentence) or _EARLIER_LEAD.search(lead) or _THAT_YEAR.match(tail))


@lru_cache(maxsize=256)
def _is_long_ago(sentence: str) -> bool:
    return _LONG_AGO.search(sentence) is not None
