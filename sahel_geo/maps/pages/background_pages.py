"""The pages behind the findings: quality of the data, methods, licences."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.quality import PRECISIONS, QualityReport
from sahel_geo.incidents.reasons import REASONS
from sahel_geo.maps.licences import credit_in, licence_texts
from sahel_geo.maps.pages.basis import Basis
from sahel_geo.maps.pages.site import Section, SitePage, Table
from sahel_geo.maps.report_texts import format_date
from sahel_geo.provenance import Provenance
from sahel_geo.schema import DATE_PRECISIONS, LOCATION_PRECISIONS, Language


def _method(title: str, text: str, *sources: str, formula: str = "") -> Section:
    """Say what a measure means, how it is computed, and who published it."""
    return Section(title, (text,), formula=formula, small=sources)


_METHODS: Final = (
    _method(
        Sentence("Placing incidents"),
        Sentence(
            "Each incident lies in exactly one unit, or is counted among those that could not "
            "be placed. Those known only to an area larger than the units are counted but are "
            "not on the maps."
        ),
        (
            "Sundberg, R. and Melander, E. (2013). Introducing the UCDP Georeferenced Event "
            "Dataset. Journal of Peace Research 50, 523-532."
        ),
    ),
    _method(
        Sentence("Incidents per 1,000 km²"),
        Sentence(
            "Number of incidents c divided by the geodesic area A of the unit. It compares "
            "units of different size and says nothing about the risk of a person."
        ),
        formula="r = 1000 · c / A",
    ),
    _method(
        Sentence("Incidents per 100,000 people and year"),
        Sentence(
            "Number of incidents c over T years, divided by the people P of the unit. Where their "
            "number is not known there is no rate: a missing town is never zero."
        ),
        formula="r = 10⁵ · c / (P · T)",
    ),
    _method(
        Sentence("Risk index"),
        Sentence(
            "Each part becomes a score from 0 to 10; a dimension (hazard, exposure, vulnerability) "
            "is the weighted mean of its parts, the index R the weighted geometric mean of the "
            "dimensions d. The span of a rank comes from 1,000 draws of other weights, each from "
            "half to one and a half of its own, of the months recorded (Poisson bootstrap) and of "
            "people within about 20%. What a rank hangs on is the part without which it moves most."
        ),
        (
            "Marin-Ferrer, M., Vernaccini, L. and Poljansek, K. (2017). Index for Risk "
            "Management INFORM concept and methodology."
        ),
        (
            "Saisana, M., Saltelli, A. and Tarantola, S. (2005). Uncertainty and sensitivity "
            "analysis techniques for composite indicators. Journal of the Royal Statistical "
            "Society A 168, 307-323."
        ),
        formula="R = Π dᵂ",
    ),
    _method(
        Sentence("Hot spots (Gi*)"),
        Sentence(
            "x: incidents of each unit; w: 1 for the unit and those that it touches, 0 "
            "elsewhere; n units, mean x̄, standard deviation s. p comes from 9,999 "
            "conditional permutations, two-sided; q is the rate of false discoveries."
        ),
        (
            "Getis, A. and Ord, J. K. (1992). The analysis of spatial association by use of "
            "distance statistics. Geographical Analysis 24, 189-206."
        ),
        (
            "Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics. "
            "Geographical Analysis 27, 286-306."
        ),
        (
            "Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. "
            "Journal of the Royal Statistical Society B 57, 289-300."
        ),
        (
            "Caldas de Castro, M. and Singer, B. H. (2006). Controlling the false discovery "
            "rate. Geographical Analysis 38, 180-208."
        ),
        formula="z = (Σ w·x − x̄ · Σ w) / (s · √((n · Σ w² − (Σ w)²) / (n − 1)))",
    ),
    _method(
        Sentence("History of hot spots"),
        Sentence(
            "Gi* of each unit and period, with its neighbourhood in the period and the one "
            "before; then the Mann-Kendall trend of the unit's z series. Classes follow the "
            "definitions of ArcGIS: new, consecutive, intensifying, persistent, diminishing, "
            "sporadic, oscillating, historical."
        ),
        "Mann, H. B. (1945). Nonparametric tests against trend. Econometrica 13, 245-259.",
        "Kendall, M. G. (1975). Rank Correlation Methods. Griffin, London.",
        formula="S = Σ sign(zₜ − zᵤ), u < t",
    ),
    _method(
        Sentence("Location error"),
        Sentence(
            "Each incident is put at random inside the area that its precision admits (25 km "
            "around the point, or the unit of its level), and the measure is made again. This "
            "does not cover incidents that nobody recorded."
        ),
        "Croicu, M. and Sundberg, R. UCDP Georeferenced Event Dataset Codebook (where_prec).",
        (
            "Weidmann, N. B. (2015). On the accuracy of media-based conflict event data. "
            "Journal of Conflict Resolution 59, 1129-1149."
        ),
    ),
    _method(
        Sentence("Spillover"),
        Sentence(
            "Violence on both sides of a border may cross it, or may answer to the same "
            "season, the same road or the same reporter. Each measure is therefore put beside "
            "what one of these would give: the share of the land, dates exchanged inside "
            "country, year and quarter, histories of countries shifted against each other, 0 "
            "for a model without foreign neighbours."
        ),
        (
            "Buhaug, H. and Gleditsch, K. S. (2008). Contagion or confusion? Why conflicts "
            "cluster in space. International Studies Quarterly 52, 215-233."
        ),
        (
            "Knox, E. G. (1964). The detection of space-time interactions. Applied Statistics "
            "13, 25-30."
        ),
        (
            "Diggle, P. J., Chetwynd, A. G., Häggkvist, R. and Morris, S. E. (1995). Second-order "
            "analysis of space-time clustering. Statistical Methods in Medical Research 4, 124-136."
        ),
        (
            "Schutte, S. and Weidmann, N. B. (2011). Diffusion patterns of violence in civil "
            "wars. Political Geography 30, 143-152."
        ),
        (
            "Held, L., Höhle, M. and Hofmann, M. (2005). A statistical framework for the "
            "analysis of multivariate infectious disease surveillance counts. Statistical "
            "Modelling 5, 187-199."
        ),
        (
            "Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point "
            "processes. Biometrika 58, 83-90."
        ),
    ),
    _method(
        Sentence("Near a border"),
        Sentence(
            "Share of incidents within d km of a border, divided by the share of the land "
            "that is as near; geodesic distances."
        ),
        formula="Q(d) = (c(d) / c) / (A(d) / A)",
    ),
    _method(
        Sentence("Two periods"),
        Sentence(
            "a and b: incidents before and after, in t₁ and t₂ days. The interval is exact "
            "(Clopper and Pearson); p comes from 9,999 shuffles of the unit's months between "
            "the two periods. A change is clear if q is at most 5% and the interval leaves "
            "out 1. A change of access or coverage is enough to change the numbers."
        ),
        (
            "Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing "
            "samples from Poisson series. Biometrika 31, 313-323."
        ),
        (
            "Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial "
            "limits illustrated in the case of the binomial. Biometrika 26, 404-413."
        ),
        formula="R = (b / t₂) / (a / t₁)",
    ),
    _method(
        Sentence("Administrative boundaries"),
        Sentence(
            "The communes of the three countries form one mosaic without gaps or overlaps; "
            "the other levels are unions of them. They were made consistent, not more correct."
        ),
        (
            "Runfola, D. et al. (2020). geoBoundaries: A global database of political "
            "administrative boundaries. PLoS ONE 15, e0231866."
        ),
    ),
)

_OF_INCIDENTS: Final[dict[str, Sentence]] = {
    "UCDP GED": Sentence("CC BY 4.0"),
    "ACLED": Sentence("ACLED's terms of use"),
}


def quality_page(basis: Basis) -> SitePage:
    """Say what was read, placed and set aside, and how precisely the rest is known."""
    words, quality, steps = basis.words, basis.findings.quality, basis.summary["steps"]
    sections = [Section(basis.words["read_caption"], table=_step_table(basis))]
    if quality is None:
        sections.append(Section(words["quality_file"], (words["quality_unread"],)))
    else:
        sections.append(_file(basis, quality))
        sections.append(_precision(basis, quality))
        if quality.notes and not basis.safe:  # they quote cells of the file
            sections.append(Section(words["quality_notes"], items=tuple(quality.notes)))
    lead = words["quality_lead"].format(
        **{key: basis.number(steps[key]) for key in ("kept", "read", "mapped")}
    )
    name, title = words["nav_quality"], words["quality_title"]
    return basis.page("quality.html", name, title, lead, sections)


def _step_table(basis: Basis) -> Table:
    """Follow every row from the file to the map."""
    words, steps = basis.words, basis.summary["steps"]
    lines = [(0, words["row_read"], steps["read"]), (1, words["row_set_aside"], steps["set_aside"])]
    reasons = steps["set_aside_reasons"].items()
    lines += [(2, REASONS[code].say(basis.lang), number) for code, number in reasons]
    lines.append((0, words["row_kept"], steps["kept"]))
    lines += [
        (1, words[f"row_{key}"], steps[key])
        for key in ("no_coordinates", "outside", "coarse", "beyond", "undated", "other_period")
        if steps[key]
    ]
    lines.append((0, words["row_mapped"], steps["mapped"]))
    lines += [
        (1, words[f"row_{key}"], steps[key]) for key in ("differs", "precision") if steps[key]
    ]
    rows = tuple((label, basis.number(number)) for _, label, number in lines)
    depths = tuple(depth for depth, _, _ in lines)
    return Table((words["col_what"], words["col_number"]), rows, depths=depths)


def _file(basis: Basis, quality: QualityReport) -> Section:
    words, safe = basis.words, basis.safe
    days = [day for day in (quality.first_date, quality.last_date) if day]
    dates = [format_date(day, basis.lang, "yMMMM" if safe else "long") for day in days]
    named = [f"{basis.country(code)} {number}" for code, number in quality.countries.items()]
    if safe:
        named = [basis.country(code) for code in quality.countries]
    elif quality.rows_without_country:
        named.append(f"{words['quality_no_country']} {quality.rows_without_country}")
    rows = [
        (words["quality_name"], f"{quality.name or words['none']} ({quality.format})"),
        (words["quality_months" if safe else "quality_dates"], " – ".join(dates) or words["none"]),
        (words["quality_countries"], ", ".join(named) or words["none"]),
        (words["quality_no_place"], basis.share(quality.share_without_coordinates)),
        (words["quality_no_toll"], basis.share(quality.share_without_fatalities)),
    ]
    small: tuple[str, ...] = ()
    if not safe:  # where places are coded to towns, points that nothing shares are counts of one
        rows.append((words["quality_shared"], basis.share(quality.shared_points)))
        small = (words["quality_shared_text"],)
    head = (words["col_property"], words["col_value"])
    return Section(words["quality_file"], table=Table(head, tuple(rows), words=(1,)), small=small)


def _precision(basis: Basis, quality: QualityReport) -> Section:
    words = basis.words
    named = [name for name in (*LOCATION_PRECISIONS, *DATE_PRECISIONS) if name != "unknown"]
    rows = []
    for name in (*named, "unknown"):
        shares = [quality.location_precision.get(name), quality.date_precision.get(name)]
        if any(shares):
            cells = [basis.share(share) for share in shares]
            rows.append((PRECISIONS[name].say(basis.lang), *cells))
    head = tuple(words[name] for name in ("col_precision", "col_place", "col_date"))
    return Section(words["quality_precision"], table=Table(head, tuple(rows)))


def methods_page(basis: Basis, made: Mapping[str, Mapping[str, str]], seed: int) -> SitePage:
    """Say what each figure means, after whom, and how this report was made."""
    words = basis.words
    terms = [
        (words["made_seed"], (str(seed),)),
        (words["made_level"], (str(basis.summary["level"]),)),
        (words["made_versions"], (", ".join(_pairs(made["versions"])),)),
        (words["made_sums"], tuple(_pairs(made["sha256"]))),
    ]
    more = (("licences.html", words["licences_title"]),)
    made_of = Section(words["made_title"], (words["made_text"],), terms=tuple(terms), more=more)
    name, title, lead = words["nav_methods"], words["methods_title"], words["methods_lead"]
    return basis.page("methods.html", name, title, lead, [*_METHODS, made_of])


def _pairs(named: Mapping[str, str]) -> list[str]:
    return [f"{name} {value}" for name, value in named.items()]


def licences_page(basis: Basis) -> SitePage:
    """Name the source and the licence of everything on the pages."""
    words = basis.words
    credited = {(str(row.source), str(row.licence)) for row in basis.units.itertuples()}
    rows = [
        (words["source_boundaries"], *(credit_in(part, basis.lang) for part in each))
        for each in sorted(credited)
    ]
    fetched = [Provenance.from_dict(each) for each in basis.summary.get("fetched", ())]
    for origin in fetched:
        source = " ".join(filter(None, (origin.title, origin.version)))
        rows.insert(0, (words["source_incidents"], source, origin.licence))
    if basis.summary["source"] and not fetched:
        source = str(basis.summary["source"])
        terms = _incident_licence(source, basis.lang) or words["none"]
        rows.insert(0, (words["source_incidents"], source, terms))
    people = basis.summary["people"]
    if people:
        published = Sentence("published on HDX, to be credited").say(basis.lang)
        terms = published if people["year"] else words["none"]
        rows.append((Sentence("People").say(basis.lang), people["source"], terms))
    version = basis.summary["version"]
    rows += [
        (words["source_context"], *_named(words["licence_neighbours_text"])),
        (words["licence_gazetteer"], *_named(words["licence_gazetteer_text"])),
        (words["licence_leaflet"], *_named(words["licence_leaflet_text"])),
        (words["licence_code"], *_named(words["licence_code_text"].format(version=version))),
    ]
    head = tuple(words[name] for name in ("col_used", "col_source", "col_licence"))
    table = Table(head, tuple(rows), words=(1, 2))
    notes: tuple[str, ...] = (words["licence_ask"], words["licence_endorse"])
    notes += tuple(sentences for origin in fetched for sentences in _origin_notes(origin))
    texts = licence_texts(row[2] for row in rows)
    links = tuple((address, f"– {name}") for name, address in texts.items())
    section = Section(words["sources"], table=table, items=notes, links=links)
    name, title, lead = words["nav_licences"], words["licences_title"], words["licences_lead"]
    return basis.page("licences.html", name, title, lead, [section])


def _origin_notes(origin: Provenance) -> list[Sentence]:
    """Say where fetched data came from, up to when they reach, and what they may be used for."""
    from sahel_geo.sources.registry import list_sources  # noqa: PLC0415  only fetched data need it

    sentences = [
        Sentence(
            "{title}: fetched on {day:yMMMMd} from {url}.",
            title=origin.title,
            day=date.fromisoformat(origin.fetched[:10]),
            url=origin.url,
        )
    ]
    if origin.sha256:
        sentences.append(
            Sentence("{rows:,} rows, SHA-256 {sha256}.", rows=origin.rows, sha256=origin.sha256)
        )
    if origin.embargo:
        sentences.append(
            Sentence("The account that fetched them sees events up to {day} only.",
                     day=origin.embargo)
        )  # fmt: skip
    source = list_sources().get(origin.source)
    return [*sentences, *([source.terms] if source else [])]


def _named(credit: str) -> tuple[str, str]:
    """Split "Name (licence)"."""
    name, _, licence = credit.rstrip(")").partition(" (")
    return name, licence


def _incident_licence(source: str, lang: Language) -> str | None:
    """Name the licence under which a source of incidents publishes.

    >>> _incident_licence("UCDP GED", "fr")
    'CC BY 4.0'
    """
    return _OF_INCIDENTS[source].say(lang) if source in _OF_INCIDENTS else None
