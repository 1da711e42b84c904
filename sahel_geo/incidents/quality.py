"""What a file of incidents is worth: counts, spans, precision, and signs of trouble."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import first_offenders, require_language
from sahel_geo.i18n.cldr import number, percent
from sahel_geo.i18n.countries import country_name
from sahel_geo.i18n.sentence import Counted, Sentence, Texts
from sahel_geo.incidents.reasons import REASONS
from sahel_geo.incidents.table import Incidents
from sahel_geo.schema import Language

PRECISIONS: Final = {
    "exact": Sentence("exact place"),
    "near": Sentence("within 25 km"),
    "admin3": Sentence("commune"),
    "admin2": Sentence("cercle, department or province"),
    "admin1": Sentence("region"),
    "country": Sentence("country"),
    "day": Sentence("day"),
    "week": Sentence("week"),
    "month": Sentence("month"),
    "year": Sentence("year"),
    "unknown": Sentence("not stated"),
}
_FIRST_ROWS: Final = 5
_PAGE: Final = """<!DOCTYPE html>
<html lang="{lang}">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.5 sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }}
th {{ text-align: left; vertical-align: top; padding-right: 1.5em; font-weight: 600 }}
td {{ overflow-wrap: anywhere }}
</style></head>
<body><h1>{title}</h1>
<table>
{rows}</table></body></html>
"""


@dataclass(frozen=True)
class SetAside:
    """Rows set aside for one reason: how many, and the numbers of the first."""

    reason: str
    count: int
    first_rows: tuple[int, ...]


@dataclass(frozen=True)
class RepeatedPoint:
    """The coordinate that most incidents share."""

    lon: float
    lat: float
    count: int
    place: str | None
    share: float


@dataclass(frozen=True)
class Toll:
    """Sum of one fatality column, and on how many rows it is stated."""

    total: int
    stated: int


@dataclass(frozen=True)
class QualityReport:
    """What :func:`quality_report` found; shares are of the rows kept, 0 where none is."""

    name: str
    format: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    rows_read: int
    rows_kept: int
    rows_set_aside: int
    set_aside: tuple[SetAside, ...]
    columns: Mapping[str, str]
    first_date: str | None
    last_date: str | None
    countries: Mapping[str, int]
    rows_without_country: int
    location_precision: Mapping[str, float]
    date_precision: Mapping[str, float]
    share_without_coordinates: float
    share_without_fatalities: float
    fatalities: Mapping[str, Toll]
    shared_points: float
    most_repeated: RepeatedPoint | None
    notes: tuple[Sentence, ...]
    is_selection: bool
    lang: Language = "fr"

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain types, ready for JSON."""
        plain = asdict(self)
        plain["notes"] = [note.say(self.lang) for note in self.notes]
        return {key: _plain(value) for key, value in plain.items() if key != "lang"}

    def lines(self, lang: Language | None = None) -> list[tuple[str, str]]:
        """Give rows of text, label and value, for the command line."""
        lang = lang or self.lang
        words = _WORDS[lang]
        named = [f"{country_name(code, lang)} {count}" for code, count in self.countries.items()]
        if self.rows_without_country:
            named.append(f"{_WORDS[lang]['no_country']} {self.rows_without_country}")
        columns = ", ".join(f"{target} = {name!r}" for target, name in self.columns.items())
        pairs = [
            (words["file"], f"{self.name or '-'} ({', '.join(self._how())})"),
            (words["rows"], words["rows_text"].format(self=self)),
            *((f"  {row.reason}", self._aside_text(row, lang)) for row in self.set_aside),
            (words["columns"], columns or "-"),
            (words["dates"], f"{self.first_date or '-'} → {self.last_date or '-'}"),
            (words["countries"], (", ".join(named) or "-")),
            (words["location"], _shares_text(self.location_precision, lang)),
            (words["date"], _shares_text(self.date_precision, lang)),
            (words["unlocated"], percent(self.share_without_coordinates, lang, 1)),
            (words["uncounted"], percent(self.share_without_fatalities, lang, 1)),
            *((words[name], _toll_text(toll, lang)) for name, toll in self.fatalities.items()),
            (words["shared"], percent(self.shared_points, lang, 1)),
        ]
        if self.most_repeated is not None:
            pairs.append((words["repeated"], _point_text(self.most_repeated, lang)))
        pairs += [(words["note"], note.say(lang)) for note in self.notes]
        return pairs

    def to_html(self, lang: Language | None = None) -> str:
        """Give a whole page that opens offline; every text of the file is escaped in it."""
        lang = lang or self.lang
        title = f"{_WORDS[lang]['title']} : {escape(self.name or '-')}"
        return _PAGE.format(lang=lang, title=title, rows=self._rows(lang))

    def _repr_html_(self) -> str:
        style = "text-align:left"
        return f'<table lang="{self.lang}" style="{style}">{self._rows(self.lang)}</table>'

    def _rows(self, lang: Language) -> str:
        return "".join(
            f"<tr><th scope='row'>{escape(label.strip())}</th><td>{escape(value)}</td></tr>\n"
            for label, value in self.lines(lang)
        )

    def _how(self) -> list[str]:
        delimiter = {"\t": "TAB", None: None}.get(self.delimiter, self.delimiter)
        return [str(each) for each in (self.format, self.encoding, delimiter, self.sheet) if each]

    def _aside_text(self, row: SetAside, lang: Language) -> str:
        words = _WORDS[lang]
        rows = first_offenders([*row.first_rows, *[0] * (row.count - len(row.first_rows))])
        numbers = f"({words['row_numbers']} {rows.say(lang)})"
        return f"{row.count}{words['colon']}{REASONS[row.reason].say(lang)} {numbers}"


def _toll_text(toll: Toll, lang: Language) -> str:
    text = Counted(
        "{total} (on {count} row)", "{total} (on {count} rows)", count=toll.stated, total=toll.total
    )
    return text.say(lang)


def quality_report(incidents: Incidents, lang: Language = "fr") -> QualityReport:
    """Sum up how a file was read and how far its rows can carry a map.

    Parameters
    ----------
    incidents : Incidents
        As :func:`sahel_geo.read_incidents` returned them. Counts of rows read and set aside are
        those of the reading; everything else describes the rows of this table.
    lang : {"fr", "en"}
        Language of :meth:`QualityReport.lines` and of the notes in ``to_dict``.

    Returns
    -------
    QualityReport
        ``shared_points`` is the share of located rows that stand on the same coordinate as
        another: high values mean that places were coded to towns or to the centres of areas.

    Raises
    ------
    InputError
        If `lang` is not known.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> result = quality_report(sg.load_example_incidents(), lang="en")
    >>> result.rows_kept, result.first_date, result.last_date
    (78, '2012-01-24', '2025-06-19')
    >>> result.lines()[1]
    ('rows', '78 read, 78 kept, 0 set aside')
    """
    require_language(lang)
    report = incidents.report
    kept = max(len(incidents), 1)
    dates = incidents["date"].dropna()
    countries = incidents["country"].value_counts()
    tolls = incidents[["fatalities_low", "fatalities_best", "fatalities_high"]]
    shared, most = _shared_points(incidents)
    return QualityReport(
        name=report.name,
        format=report.format,
        encoding=report.encoding,
        delimiter=report.delimiter,
        sheet=report.sheet,
        rows_read=report.rows_read,
        rows_kept=report.rows_kept,
        rows_set_aside=report.rows_set_aside,
        set_aside=_by_reason(incidents.quarantine),
        columns=dict(report.columns),
        first_date=None if dates.empty else str(dates.min().date()),
        last_date=None if dates.empty else str(dates.max().date()),
        countries={str(code): int(count) for code, count in countries.items()},
        rows_without_country=int(incidents["country"].isna().sum()),
        location_precision=_shares(incidents["location_precision"]),
        date_precision=_shares(incidents["date_precision"]),
        share_without_coordinates=float(incidents["lon"].isna().sum()) / kept,
        share_without_fatalities=float(tolls.isna().all(axis=1).sum()) / kept,
        fatalities={
            name: Toll(int(tolls[name].sum()), int(tolls[name].notna().sum()))
            for name in tolls.columns
        },
        shared_points=shared,
        most_repeated=most,
        notes=report.notes,
        is_selection=report.is_selection,
        lang=lang,
    )


def _by_reason(quarantine: pd.DataFrame) -> tuple[SetAside, ...]:
    rows = {code: quarantine.loc[quarantine["reason"] == code, "row"] for code in REASONS}
    return tuple(
        SetAside(code, len(numbers), tuple(int(row) for row in numbers.head(_FIRST_ROWS)))
        for code, numbers in rows.items()
        if len(numbers)
    )


def _shares(values: "pd.Series[Any]") -> dict[str, float]:
    counts = values.value_counts()
    return {str(value): float(count) / max(len(values), 1) for value, count in counts.items()}


def _shared_points(incidents: pd.DataFrame) -> tuple[float, RepeatedPoint | None]:
    located = incidents.loc[incidents["lon"].notna() & incidents["lat"].notna()]
    if located.empty:
        return 0.0, None
    groups = located.groupby(["lon", "lat"], sort=True)
    sizes = groups["lon"].transform("size").to_numpy(dtype=np.int64)
    first = int(sizes.argmax())
    if sizes[first] == 1:
        return 0.0, None
    row = located.iloc[first]
    same = located.loc[(located["lon"] == row["lon"]) & (located["lat"] == row["lat"]), "place"]
    names = same.dropna().mode()
    most = RepeatedPoint(
        lon=float(row["lon"]),
        lat=float(row["lat"]),
        count=int(sizes[first]),
        place=None if names.empty else str(names.iloc[0]),
        share=float(sizes[first]) / len(located),
    )
    return float((sizes > 1).mean()), most


def _shares_text(shares: Mapping[str, float], lang: Language) -> str:
    texts = (
        f"{PRECISIONS[name].say(lang) if name in PRECISIONS else name} {percent(share, lang, 1)}"
        for name, share in shares.items()
    )
    return ", ".join(texts) or "-"


def _point_text(point: RepeatedPoint, lang: Language) -> str:
    named = f" ({point.place})" if point.place else ""
    place = f"{number(point.lon, 'g', lang)}; {number(point.lat, 'g', lang)}{named}"
    return f"{place}{_WORDS[lang]['colon']}{point.count}, {percent(point.share, lang, 1)}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


_WORDS: Final = Texts(
    {
        "title": "Quality of the file",
        "file": "file",
        "rows": "rows",
        "rows_text": "{self.rows_read} read, {self.rows_kept} kept, "
        "{self.rows_set_aside} set aside",
        "row_numbers": "rows",
        "colon": ": ",
        "columns": "columns",
        "dates": "dates",
        "countries": "countries",
        "no_country": "no country",
        "location": "location precision",
        "date": "date precision",
        "unlocated": "without coordinates",
        "uncounted": "no death figure",
        "fatalities_low": "fatalities, low",
        "fatalities_best": "fatalities, best",
        "fatalities_high": "fatalities, high",
        "shared": "shared points",
        "repeated": "most repeated point",
        "note": "note",
    }
)
