"""``sahel-geo forecast`` and ``alerts``: what comes next, and what is above what was expected."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

import sahel_geo as sg
from sahel_geo.cli.places import place, units_counted_in
from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import (
    MANY_SET_ASIDE,
    finish,
    print_numbers,
    read_table,
    say,
    set_aside,
    working,
)
from sahel_geo.cli.terminal.words import WORDS, Lang, tell
from sahel_geo.errors import or_none
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.names import parse_mapping
from sahel_geo.schema import Language, Period

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
    import pandas as pd

# between the last incident and the end of a complete period
_NEARLY_OVER_DAYS: Final = 5
_NEARLY_OVER_WEEK: Final = 1


_NO_ZERO: Final = Sentence(
    "The table lists no zero: a unit and period without a row was taken for one."
)


@dataclass(frozen=True)
class _Counted:
    """Counts by unit and period, and what became of the rows of the file."""

    units: "gpd.GeoDataFrame"
    panel: "pd.DataFrame"
    numbers: dict[str, object]
    set_aside: float
    note: str = ""


class Span(StrEnum):
    """Length of a period of alerts."""

    WEEK = "week"
    MONTH = "month"


class Publish(StrEnum):
    """What may be shown."""

    FULL = "full"
    SAFE = "safe"


HorizonsOption = Annotated[int, typer.Option(min=1, max=24, help=tell("Months ahead."))]
MeasureOption = Annotated[
    str, typer.Option(help=tell("What is forecast: fatalities_best or incidents."))
]
ModelOption = Annotated[
    str, typer.Option(help=tell("pool, faded, endemic_epidemic, trees or a simple rule."))
]
UntilOption = Annotated[
    str | None,
    typer.Option(help=tell("Last complete period, such as 2026-04 [the last complete one].")),
]
PublishOption = Annotated[
    Publish, typer.Option(help=tell("safe: probabilities by class only, for levels 1 and 2."))
]
SeedOption = Annotated[int, typer.Option(min=0, help=tell("Seed of what is random."))]


def forecast(
    incidents: options.Incidents,
    horizons: HorizonsOption = 6,
    measure: MeasureOption = "fatalities_best",
    model: ModelOption = "pool",
    until: UntilOption = None,
    publish: PublishOption = Publish.FULL,
    level: options.Level = 2,
    vintage: options.Vintage = None,
    seed: SeedOption = 1,
    out: Annotated[Path, typer.Option(help=tell("Folder to write into."))] = Path("forecast"),
    sheet: options.Sheet = None,
    mapping: options.Mapping = None,
    undo_swapped_dates: options.Undo = False,  # noqa: FBT002
    lang: options.Lang = Lang.FRENCH,
    max_set_aside: options.Limit = 0.05,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Forecast each unit, with the record of such forecasts: CSV, GeoParquet, map, scorecard.

    In full, quiet units are ranked too, by the probability of a first event (onset.csv).

    The file holds incidents, or counts by unit and period, such as ACLED's monthly tables.
    """
    from sahel_geo.files import write_csv  # noqa: PLC0415  keeps --help fast

    reading = {"sheet": sheet, "mapping": mapping, "undo": undo_swapped_dates}
    given = _counted(incidents, level, vintage, "month", until, lang, reading)
    with working(lang, "measuring"):
        ahead = sg.forecast.predict(
            given.panel, given.units, column=measure, model=model, horizons=horizons, rng=seed
        )
    with working(lang, "drawing"):
        written = _write(ahead, given.units, out, lang, publish.value)
        if publish is Publish.FULL:
            # too few first events may have been seen to learn from
            onsets = or_none(sg.forecast.onset, given.panel, given.units, column=measure, rng=seed)
            written += [] if onsets is None else [write_csv(out / "onset.csv", onsets.table)]
    _finish(given, written, ahead.sentence(lang.value), lang, max_set_aside, as_json)


def alerts(
    incidents: options.Incidents,
    period: Annotated[Span, typer.Option(help=tell("Time step: week or month."))] = Span.MONTH,
    measure: MeasureOption = "incidents",
    model: ModelOption = "pool",
    until: UntilOption = None,
    level: options.Level = 2,
    vintage: options.Vintage = None,
    seed: SeedOption = 1,
    out: Annotated[Path, typer.Option(help=tell("CSV file to write."))] = Path("alerts.csv"),
    sheet: options.Sheet = None,
    mapping: options.Mapping = None,
    undo_swapped_dates: options.Undo = False,  # noqa: FBT002
    lang: options.Lang = Lang.FRENCH,
    max_set_aside: options.Limit = 0.05,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """List the units above what was expected of the latest period, with the record of alerts.

    The file holds incidents, or counts by unit and period; those keep their own period.
    """
    from sahel_geo.files import write_csv  # noqa: PLC0415  keeps --help fast

    reading = {"sheet": sheet, "mapping": mapping, "undo": undo_swapped_dates}
    given = _counted(
        incidents, level, vintage, "week" if period is Span.WEEK else "month", until, lang, reading
    )
    with working(lang, "measuring"):
        alerted = sg.alerts.detect(given.panel, given.units, column=measure, model=model, rng=seed)
    record = out.with_name(f"{out.stem}-record{out.suffix}")
    written = [write_csv(out, alerted.table), write_csv(record, alerted.record)]
    _finish(given, written, alerted.sentence(lang.value), lang, max_set_aside, as_json)


def _counted(
    incidents: Path,
    level: int,
    vintage: str | None,
    period: Period,
    until: str | None,
    lang: Lang,
    reading: dict[str, Any],
) -> "_Counted":
    """Read, place and count the incidents, or read counts, up to the last complete period."""
    import numpy as np  # noqa: PLC0415  keeps --help fast

    from sahel_geo.incidents.rows.shapes import CountsError  # noqa: PLC0415
    from sahel_geo.indicators.permutation.coarse_dates import spread_dates  # noqa: PLC0415

    with working(lang, "reading"):
        units = sg.load_boundaries(level=level, vintage=vintage)
        try:
            table = read_table(
                incidents, reading["sheet"], reading["mapping"], undo=reading["undo"]
            )
        except CountsError:
            # Take counts that others have made; where they list no zero, what is not listed is
            # zero.
            from sahel_geo.forecast.past import read_period  # noqa: PLC0415

            panel = sg.read_panel(
                incidents, units, mapping=parse_mapping(reading["mapping"]), sheet=reading["sheet"]
            )
            counted = units_counted_in(panel, units)
            numbers: dict[str, object] = {
                "rows": len(panel),
                "units": len(counted),
                "periods": panel["period"].nunique(),
            }
            if until is not None:
                panel = panel[panel["period"] <= read_period(until, panel["period"], "--until")]
            note = ""
            if (panel["incidents"] > 0).all():
                panel = _with_zeros(panel, counted)
                note = _NO_ZERO
            return _Counted(counted, panel, numbers, 0.0, note)
    with working(lang, "placing"):
        kept, units, tally = place(table, units, level)
        numbers = {
            "read": table.report.rows_read,
            "set_aside": table.report.rows_set_aside,
            **{name: tally[name] for name in ("coarse", "placed", "units")},
        }
        if kept.empty:
            print_numbers(numbers, [], lang, as_json=False)
            say(WORDS[lang.value]["none_placed"], lang, err=True)
            raise typer.Exit(MANY_SET_ASIDE)
        last = kept["date"].max()
        kept["date"] = spread_dates(kept, np.random.default_rng([1, 2]))[0]  # as in a report
        panel = _complete(sg.count(kept, units, period=period), last, until)
    numbers["periods"] = panel["period"].nunique()
    return _Counted(units, panel, numbers, set_aside(table.report))


def _with_zeros(panel: "pd.DataFrame", units: "gpd.GeoDataFrame") -> "pd.DataFrame":
    """Write every unit and period out; those without a row are zero."""
    import pandas as pd  # noqa: PLC0415

    period = panel["period"]
    span = pd.period_range(period.min(), period.max(), freq=period.max().freq)
    index = pd.MultiIndex.from_product([units["unit_id"], span], names=["unit_id", "period"])
    whole = panel.set_index(["unit_id", "period"])[["incidents", "fatalities_best"]].reindex(index)
    return whole.mask(whole["incidents"].isna(), 0.0).reset_index()


def _complete(panel: "pd.DataFrame", last_day: Any, until: str | None) -> "pd.DataFrame":
    """Leave the last period out if it has only begun, or all after the one that is named."""
    from sahel_geo.forecast.past import read_period  # noqa: PLC0415

    period = panel["period"]
    latest: Any = period.max()
    named: Any = None if until is None else read_period(until, period, "--until")
    if named is not None and named <= latest:
        latest = named
    else:  # what is named beyond the file does not complete its last period
        weekly = latest.freqstr.startswith("W")
        allowed = _NEARLY_OVER_WEEK if weekly else _NEARLY_OVER_DAYS
        if (latest.end_time - last_day).days > allowed:
            latest = latest - 1
    kept: pd.DataFrame = panel[period <= latest]
    return kept


def _write(
    ahead: Any, units: "gpd.GeoDataFrame", out: Path, lang: Lang, publish: str
) -> list[Path]:
    """Write table, geometry, scorecard and map; with "safe" classes only."""
    from sahel_geo.files import atomic_path, write_csv  # noqa: PLC0415

    out.mkdir(parents=True, exist_ok=True)
    table = ahead.classes() if publish == "safe" else ahead.table
    written = [
        write_csv(out / "forecast.csv", table),
        write_csv(out / "scorecard.csv", ahead.scores.table),
    ]
    shapes = units[["unit_id", "geometry"]].astype({"unit_id": "str"})
    located = shapes.merge(table.assign(period=table["period"].astype("str")), on="unit_id")
    with atomic_path(out / "forecast.parquet") as temporary, temporary.open("wb") as stream:
        located.to_parquet(stream)
    drawn = _draw(ahead, units, lang.value, publish=publish)
    return [*written, out / "forecast.parquet", sg.save_map(drawn, out / "forecast.html")]


def _draw(
    forecast: "sg.forecast.Forecast",
    units: "gpd.GeoDataFrame",
    lang: Language,
    *,
    publish: str = "full",
) -> "folium.Map":
    """Draw the first period, hatched where a simple rule is as good; "safe": classes alone."""
    from sahel_geo.forecast.wording import LIMITS  # noqa: PLC0415
    from sahel_geo.maps.pages.forecast_layers import Layers, forecast_period  # noqa: PLC0415

    layers = Layers.of(forecast, publish=publish)
    table = layers.add_to(units.assign(unit_id=units["unit_id"].astype("str")))
    period = forecast_period(forecast)
    return sg.choropleth(
        table,
        layers.shown,
        lang=lang,
        title=Sentence("Forecast for {period}", period=period),
        period=period,
        notes=[forecast.record_sentence],
        limits=LIMITS[-1],
        labels=layers.labels,
        unit_labels=layers.unit_labels,
        uncertain=layers.uncertain,
    )


def _finish(
    given: _Counted,
    written: list[Path],
    said: str,
    lang: Lang,
    limit: float,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Print what was done and said, and leave with the code that fits."""
    said = " ".join(filter(None, [said, Sentence.of(given.note).say(lang.value)]))
    numbers = given.numbers | ({"sentence": said} if as_json else {})
    print_numbers(numbers, written, lang, as_json=as_json)
    if not as_json:
        say(said, lang)
    finish(given.set_aside, limit, lang)
