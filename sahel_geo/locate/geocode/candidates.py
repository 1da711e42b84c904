"""Find the places whose name may be the one written: same spelling, same sound, or close."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from sahel_geo.places.gazetteer.gazetteer import Gazetteer
from sahel_geo.places.gazetteer.spelling import joined_form, plain_form, sound_form
from sahel_geo.tasks import track

_VOWELS: Final = re.compile(r"[aeiou]+")
_DOUBLED: Final = re.compile(r"(.)\1+")


class Candidate(NamedTuple):
    """A place that may be meant: rows of the gazetteer's places and names, score, method, spelling.

    `alike` is the similarity of the two spellings, 0 to 100, whatever their sound.
    """

    place: int
    name: int
    score: float
    method: str
    alike: float


_EXACT, _ALTERNATE, _SOUND = 1.0, 0.965, 0.95
_FUZZY_CUTOFF: Final = 70.0  # similarity of sounds, of 100, below which nothing is looked at
_MOST_FUZZY: Final = 25  # sounds looked at per name
_LEAST_SCORE: Final = 0.72
_CHUNK: Final = 128  # names compared at once


@dataclass(frozen=True)
class _Forms:
    joined: str
    sound: str
    skeleton: str


def _forms(name: str) -> _Forms:
    joined = joined_form(plain_form(name))
    sound = sound_form(joined)
    return _Forms(joined, sound, _skeleton_form(sound))


class CandidateSearch:
    """Searches one gazetteer, and remembers what it found."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._index = gazetteer.index
        self._alternate = (gazetteer.names["kind"] == "alternate").to_numpy()
        self._found: dict[tuple[str, str], list[Candidate]] = {}
        self._compared: set[tuple[str, str]] = set()

    def prepare(self, requests: Iterable[tuple[str, str]]) -> None:
        """Search close names for many (name, country) pairs at once, comparing in bulk."""
        open_requests: dict[str, dict[str, _Forms]] = {}
        for name, country in track(dict.fromkeys(requests), "names"):
            if (name, country) in self._compared:
                continue
            self._compared.add((name, country))
            forms = _forms(name)
            self.candidates(name, country)
            if len(forms.sound) >= 3:
                open_requests.setdefault(country, {})[name] = forms
        for country, wanted in open_requests.items():
            self._search_close(country, wanted)

    def candidates(self, name: str, country: str) -> list[Candidate]:
        """Give candidates for a name in a country, best first; close ones need :meth:`prepare`."""
        if (name, country) not in self._found:
            self._found[name, country] = self._same(_forms(name), country)
        return self._found[name, country]

    def namesakes(self, candidate: Candidate, country: str) -> list[int]:
        """Give the places of a country whose name sounds like the candidate's, itself included."""
        rows = self._index.with_sound(self._index.sound[candidate.name], country)
        return list(dict.fromkeys(int(self._index.place[row]) for row in rows))

    def _same(self, forms: _Forms, country: str) -> list[Candidate]:
        best: dict[int, Candidate] = {}
        if not forms.joined:
            return []
        for row in self._index.with_spelling(forms.joined, country):
            alternate = bool(self._alternate[row])
            score, method = (_ALTERNATE, "alternate") if alternate else (_EXACT, "exact")
            _keep(best, Candidate(int(self._index.place[row]), row, score, method, 100.0))
        for row in self._index.with_sound(forms.sound, country):
            alike = fuzz.ratio(forms.joined, self._index.joined[row])
            _keep(best, Candidate(int(self._index.place[row]), row, _SOUND, "sound", alike))
        return sorted(best.values(), key=lambda each: -each.score)

    def _search_close(self, country: str, wanted: dict[str, _Forms]) -> None:
        known = self._index.of_country(country)
        if not known.sounds:
            return
        names = list(wanted)
        for start in track(range(0, len(names), _CHUNK), "names"):
            part = names[start : start + _CHUNK]
            scores = process.cdist(
                [wanted[name].sound for name in part],
                known.sounds,
                scorer=fuzz.ratio,
                score_cutoff=_FUZZY_CUTOFF,
                dtype=np.uint8,
                workers=1,
            )
            for name, row in zip(part, scores, strict=True):
                hits = np.flatnonzero(row)
                if len(hits) > _MOST_FUZZY:
                    hits = hits[np.argsort(-row[hits].astype(np.int64), kind="stable")]
                    hits = hits[:_MOST_FUZZY]
                self._add_close(name, country, wanted[name], [known.rows[hit] for hit in hits])

    def _add_close(self, name: str, country: str, forms: _Forms, groups: list[np.ndarray]) -> None:
        best = {each.place: each for each in self._found[name, country]}
        for rows in groups:
            for row in rows.tolist():
                score = self._similarity(forms, row)
                if score >= _LEAST_SCORE:
                    place = int(self._index.place[row])
                    alike = fuzz.ratio(forms.joined, self._index.joined[row])
                    _keep(best, Candidate(place, row, score, "fuzzy", alike))
        self._found[name, country] = sorted(best.values(), key=lambda each: -each.score)

    def _similarity(self, forms: _Forms, row: int) -> float:
        joined, sound = self._index.joined[row], self._index.sound[row]
        if sound == forms.sound:
            return 0.0  # found already, at its own score
        spelled = fuzz.ratio(forms.joined, joined) / 100
        spoken = fuzz.ratio(forms.sound, sound) / 100
        score = 0.35 * spelled + 0.65 * spoken
        if _skeleton_form(sound) == forms.skeleton:
            score += 0.06
        if sound[:1] != forms.sound[:1]:
            score -= 0.05
        if min(len(sound), len(forms.sound)) <= 4:
            score -= 0.06
        return min(score, 0.94)


def _keep(best: dict[int, Candidate], candidate: Candidate) -> None:
    known = best.get(candidate.place)
    if known is None or (candidate.score, candidate.alike) > (known.score, known.alike):
        best[candidate.place] = candidate


def _skeleton_form(sound: str) -> str:
    """Give the consonants of a sound; a first vowel is kept as ``a``.

    >>> _skeleton_form(sound_form("chinagodrar")), _skeleton_form(sound_form("sinegodar"))
    ('sngdr', 'sngdr')
    >>> _skeleton_form(sound_form("indelimane"))
    'andlmn'
    """
    if not sound:
        return ""
    head = "a" if sound[0] in "aeiou" else ""
    # "drr" of a swallowed vowel and "dr" of a written one are the same consonants
    return _DOUBLED.sub(r"\1", head + _VOWELS.sub("", sound))
