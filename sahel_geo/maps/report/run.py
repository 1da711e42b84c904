"""A report from its settings alone: read what they name, and write the pages."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.compiled import one_thread
from sahel_geo.errors import InputError, require_language
from sahel_geo.incidents.catalogue import load_example_incidents
from sahel_geo.incidents.columns.names import parse_mapping
from sahel_geo.incidents.reading import read_incidents
from sahel_geo.incidents.table import Incidents
from sahel_geo.locate.geocode.names import locate_missing
from sahel_geo.locate.unit_table import read_unit_column
from sahel_geo.maps.pages.findings import check_spans
from sahel_geo.maps.periods import Months, last_complete
from sahel_geo.maps.report.config import ReportConfig
from sahel_geo.maps.report.measures import AUTO
from sahel_geo.maps.report.report import Report, write_report
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.zones import Zone, load_zone
from sahel_geo.provenance import Provenance
from sahel_geo.schema import PathLike

_AS_STATED: Final = (
    *("last", "before", "after", "seed", "publish", "least"),
    *("actors", "event_types", "civilians", "hxl"),
)


def run_config(
    config: ReportConfig,
    out: PathLike,
    *,
    fetched: Sequence[Provenance] = (),
    against: PathLike | None = None,
    cached: bool = False,
    step: Callable[[str], None] = lambda _: None,
    **options: Any,
) -> Report:
    """Make the report that the settings describe.

    Where they name a live source, it is asked; this is the only way in which a report uses the
    network, and not even then if `fetched` says which bytes of the cache to take.

    Parameters
    ----------
    config : ReportConfig
        From :func:`sahel_geo.maps.report.config.read_config`.
    out : path-like
        Folder for the pages; created if needed.
    fetched : sequence of Provenance
        Where an earlier report's data came from
        (:func:`sahel_geo.maps.report.config.read_fetched`), to take the very same again.
    against : path-like, optional
        ``report.toml`` of an earlier report, to say what changed since.
    cached : bool
        Whether people and food insecurity that were fetched before may be taken where the settings
        name no table; otherwise only those of `fetched` are, so that the same settings give the
        same report.
    **options : object
        For the source: ``base_url``, ``cache``, ``offline``, ``refresh``.
    step : callable
        Told the name of each step before it begins: ``"reading"``, then those of
        :data:`sahel_geo.maps.report.report.STEPS`.

    Returns
    -------
    Report
        The same settings, files and versions give the same bytes.

    Raises
    ------
    InputError
        If a setting cannot be used.
    FileError
        If a file cannot be read or written.

    Examples
    --------
    >>> report = run_config(ReportConfig(level=1, lang="en"), getfixture("tmp_path"))
    >>> report.files[-1].name
    'report.zip'
    """
    lang = config.lang
    require_language(lang)
    step("reading")
    Months.check(config.since, config.until, config.last)
    check_spans(config.before, config.after)
    vintage = config.vintage or None
    named = config.zone != "none" and config.level > 0
    zone: Zone | str | None = None
    if named:
        auto = config.zone == AUTO  # whether the file reaches it is known when it is placed
        zone = AUTO if auto else load_zone(config.zone, level=config.level, vintage=vintage)
    incidents = _incidents(config, fetched, options)
    units = load_boundaries(config.level, vintage=vintage)
    since, until = _covered(config, incidents)
    people, vulnerability = _given(config, units, fetched, cached=cached)
    with one_thread("blas"):
        return write_report(
            incidents,
            units,
            os.fspath(out),
            zone=zone,
            lang=lang,
            since=since,
            until=until,
            people=people,
            vulnerability=vulnerability,
            settings=config,
            against=against,
            step=step,
            **{name: getattr(config, name) for name in _AS_STATED},
        )


def _given(
    config: ReportConfig, units: gpd.GeoDataFrame, fetched: Sequence[Provenance], *, cached: bool
) -> "tuple[pd.Series[Any] | None, pd.Series[Any] | None]":
    """Read people and vulnerability, or take what was fetched."""
    from sahel_geo.sources.access.cache import Cache  # noqa: PLC0415

    # a session with a network, and rasters, are loaded only where something was fetched
    stored = bool(fetched) if not cached else next(Cache().entries(), None) is not None
    look_up: dict[str, Callable[..., pd.Series[Any] | None]] = {}
    if stored:
        from sahel_geo.sources.clients.food_security import food_insecure  # noqa: PLC0415
        from sahel_geo.sources.clients.population import people  # noqa: PLC0415

        look_up = {"people": people, "vulnerability": food_insecure}
    tables: list[pd.Series[Any] | None] = []
    for name in ("people", "vulnerability"):
        if given := getattr(config, name):
            tables.append(read_unit_column(given, name, units))
        else:
            pinned = () if cached else fetched
            tables.append(look_up[name](units, pinned=pinned) if stored else None)
    return tables[0], tables[1]


def _incidents(
    config: ReportConfig, fetched: Sequence[Provenance], options: Mapping[str, Any]
) -> Incidents:
    """Read the file, ask the source, or take again what it gave."""
    if config.source and config.incidents:
        raise InputError(
            "`source` is {source!r} and `incidents` is {incidents!r}; expected one of them. Leave "
            "the other out.",
            source=config.source,
            incidents=config.incidents,
        )
    if config.source:
        from sahel_geo.sources.registry import fetch_incidents, reopen  # noqa: PLC0415

        pinned = [each for each in fetched if each.source == config.source and each.sha256]
        if pinned:
            return reopen(pinned[0], cache=options.get("cache"))
        span = {name: _month_of(getattr(config, name), name) for name in ("since", "until")}
        return fetch_incidents(config.source, **span, **options)
    if not config.incidents:
        return load_example_incidents()
    incidents = read_incidents(
        config.incidents, sheet=config.sheet or None, mapping=parse_mapping(config.mapping)
    )
    return locate_missing(incidents, config.gazetteer)[0]


def _month_of(text: str, argument: str) -> str | None:
    """Round a day, or how long ago, out to its month: a report shows whole months."""
    from sahel_geo.sources.access.tables import day  # noqa: PLC0415

    plain = text.lower().replace(" ", "")
    if plain.isdecimal():  # a year
        return plain
    stated = day(plain or None, argument)
    return stated and stated[:7]


def _covered(config: ReportConfig, incidents: Incidents) -> tuple[str, str]:
    """Give the months to show: of what was fetched for the last so many, those that it covers.

    A publisher may be months behind. Months before the first day asked for were not fetched, and
    those after the last one published are not known; neither may look like months without violence.
    """
    begin = next((each.request.get("first_day") for each in incidents.report.provenance), None)
    if not (begin and config.source and Months.is_length(config.since)):
        return config.since, config.until
    first = pd.Period(begin, freq="M")
    known = incidents["date"].dropna()
    last = last_complete(known) if len(known) and not config.until else first
    return str(first), config.until or (str(last) if last > first else "")
