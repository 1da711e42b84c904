"""A report from its settings alone: read what they name, and write the pages."""

import os
from collections.abc import Callable

from sahel_geo.errors import InputError
from sahel_geo.incidents.catalogue import load_example_incidents
from sahel_geo.incidents.reading import read_incidents
from sahel_geo.maps.report.config import ReportConfig
from sahel_geo.maps.report.report import Report, write_report
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.zones import load_zone
from sahel_geo.schema import LANGUAGES


def run_config(
    config: ReportConfig,
    out: str | os.PathLike[str],
    *,
    step: Callable[[str], None] = lambda _: None,
) -> Report:
    """Make the report that the settings describe.

    Parameters
    ----------
    config : ReportConfig
        From :func:`sahel_geo.maps.report.config.read_config`.
    out : path-like
        Folder for the pages; created if needed.
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
    lang = next((each for each in LANGUAGES if each == config.lang), None)
    if lang is None:
        raise InputError(
            "`lang` is {lang!r}; expected one of {languages}.",
            lang=config.lang,
            languages=list(LANGUAGES),
        )
    step("reading")
    vintage = config.vintage or None
    named = config.zone != "none" and config.level > 0
    zone = load_zone(config.zone, level=config.level, vintage=vintage) if named else None
    incidents = read_incidents(config.incidents) if config.incidents else load_example_incidents()
    units = load_boundaries(config.level, vintage=vintage)
    return write_report(
        incidents,
        units,
        os.fspath(out),
        zone=zone,
        lang=lang,
        before=config.before,
        after=config.after,
        seed=config.seed,
        publish=config.publish,
        least=config.least,
        settings=config,
        step=step,
    )
