"""``report.toml``: what a report is made from, so that anyone can make it again."""

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from sahel_geo.errors import InputError, did_you_mean, first_offenders, saying_why
from sahel_geo.files import write_text
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.provenance import Provenance
from sahel_geo.schema import PathLike

_MADE: Final = "made"  # the section that a report writes and a reader leaves aside
_FETCHED: Final = "fetched"  # where the data came from, and the bytes to take again
_MAX_BYTES: Final = 1_000_000


@dataclass(frozen=True)
class ReportConfig:
    """The settings of a report.

    Attributes
    ----------
    incidents : str
        File of incidents, looked for beside the configuration and then in the working folder;
        ``""`` is the embedded catalogue. A report writes its name without folders.
    sheet : str
        Sheet of a workbook; ``""`` for the default.
    mapping : tuple of str
        Columns of the file, such as ``"date=Jour"``.
    gazetteer : tuple of str
        Files of places, to geocode incidents without coordinates.
    source : str
        Live source of the incidents instead of a file, such as ``"ucdp"``.
    since, until, last : str
        Which months to show, as for :func:`sahel_geo.write_report`, and which to ask the source
        for; empty for the default, and for all that the source has.
    zone : str
        Zone of the second map, ``"none"``, or ``"auto"`` for that of Ménaka where the file reaches
        it.
    level : int
        Administrative level.
    vintage : str
        Vintage of the boundaries; ``""`` is the default one of each country.
    lang : str
        ``"fr"`` or ``"en"``.
    publish : str
        ``"full"``, or ``"safe"`` to suppress small counts.
    least : int
        Smallest count that ``"safe"`` shows.
    seed : int
        Of every random step.
    before, after : tuple of str
        Two periods to compare, first and last month of each; empty for none.
    actors, event_types : tuple of str
        Actors and kinds of event to show; empty for all actors, and for violence.
    civilians : bool
        Whether to show only incidents aimed at civilians.
    people, vulnerability : str
        Tables by unit, as ``"FILE:COLUMN"``; empty for the shipped people, and for no
        vulnerability.
    hxl : bool
        Whether ``indicators.csv`` has a row of HXL tags below its header.
    """

    incidents: str = ""
    sheet: str = ""
    mapping: tuple[str, ...] = ()
    gazetteer: tuple[str, ...] = ()
    source: str = ""
    since: str = ""
    until: str = ""
    zone: str = "auto"
    level: int = 2
    vintage: str = ""
    lang: str = "fr"
    publish: str = "full"
    least: int = 5
    seed: int = 1
    last: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    civilians: bool = False
    people: str = ""
    vulnerability: str = ""
    hxl: bool = False


def read_config(path: PathLike) -> ReportConfig:
    """Read the settings of a report.

    Parameters
    ----------
    path : path-like
        A TOML file. The sections ``[made]`` and ``[[fetched]]``, in which an earlier report says
        what it was made of and where that came from, are left aside.

    Returns
    -------
    ReportConfig
        With ``incidents`` as a path from here.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If it is no TOML, names an unknown setting, or a value has the wrong type.
    """
    file = Path(path)
    with saying_why("cannot read {file!r}: {why}.", OSError, ValueError, file=str(file)):
        size = file.stat().st_size
        content = file.read_bytes() if size <= _MAX_BYTES else b""
    if size > _MAX_BYTES:
        raise InputError(
            "{name!r} has {number} bytes; expected at most {max_bytes}.",
            name=file.name,
            number=size,
            max_bytes=_MAX_BYTES,
        )
    with saying_why(
        "{name!r} is no TOML: {why}; expected key = value.",
        *(ValueError, ArithmeticError, RecursionError),
        kind=InputError,
        name=file.name,
    ):
        given = tomllib.loads(content.decode("utf-8"))
    for section in (_MADE, _FETCHED):
        given.pop(section, None)
    config = ReportConfig(**_checked(given, file.name))
    places = {"incidents": _beside(file, config.incidents)} if config.incidents else {}
    for name in ("people", "vulnerability"):
        table, colon, column = getattr(config, name).rpartition(":")
        if table:
            places[name] = f"{_beside(file, table)}{colon}{column}"
    return ReportConfig(**{**asdict(config), **places})


def _beside(file: Path, name: str) -> str:
    """Look for a file beside the settings, then in the working folder."""
    beside = file.parent / name
    exists = os.path.exists  # other than that of Path, takes a name that no file can have
    return str(beside if exists(beside) or not exists(name) else name)


def write_config(
    path: PathLike,
    config: ReportConfig,
    made: Mapping[str, Mapping[str, str]] | None = None,
    fetched: Sequence[Provenance] = (),
) -> Path:
    """Write the settings of a report, with versions, checksums and origin of what went in.

    >>> written = write_config(getfixture("tmp_path") / "report.toml", ReportConfig(level=1))
    >>> read_config(written).level
    1
    """
    lines = [f"{name} = {_toml(value)}" for name, value in asdict(config).items()]
    for name, values in (made or {}).items():
        if values:
            stated = (f"{_key(key)} = {_toml(value)}" for key, value in values.items())
            lines += ["", f"[{_MADE}.{name}]", *stated]
    for origin in fetched:
        stated = (f"{name} = {_toml(value)}" for name, value in origin.as_dict().items())
        lines += ["", f"[[{_FETCHED}]]", *stated]
    return write_text(path, "\n".join(lines) + "\n")


def read_fetched(path: PathLike) -> tuple[Provenance, ...]:
    """Read where the data of an earlier report came from; nothing if it does not say.

    >>> origin = Provenance("toy", "Toy", "http://x/", "2026-11-29T21:15:00Z", sha256="00ff")
    >>> file = getfixture("tmp_path") / "report.toml"
    >>> read_fetched(write_config(file, ReportConfig(), fetched=[origin])) == (origin,)
    True
    """
    try:
        given = tomllib.loads(Path(path).read_text(encoding="utf-8")).get(_FETCHED, [])
        return tuple(Provenance.from_dict(each) for each in given)
    except (OSError, ValueError, TypeError, AttributeError):
        return ()


def read_made(path: PathLike) -> dict[str, str]:
    """Read what an earlier report says that it was made of.

    >>> made = {"sha256": {"x": "00ff"}}
    >>> read_made(write_config(getfixture("tmp_path") / "r.toml", ReportConfig(), made))["x"]
    '00ff'
    """
    try:
        made = tomllib.loads(Path(path).read_text(encoding="utf-8")).get(_MADE, {})
    except (OSError, ValueError, ArithmeticError, RecursionError):
        return {}
    parts = made.values() if isinstance(made, dict) else ()
    return {
        str(name): str(value)
        for part in parts
        if isinstance(part, dict)
        for name, value in part.items()
    }


def _checked(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Gather every unknown setting and every wrong type, and raise once."""
    known = {each.name: type(each.default) for each in fields(ReportConfig)}
    faults: list[str] = []
    settings: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            faults.append(
                Sentence("{key!r} is no setting. {near}", key=key, near=did_you_mean(key, known))
            )
        elif known[key] is tuple:
            if isinstance(value, list) and all(isinstance(each, str) for each in value):
                settings[key] = tuple(value)
            else:
                faults.append(
                    Sentence("{key!r} is {value!r:.60}, not a list of texts", key=key, value=value)
                )
        elif type(value) is not known[key]:
            faults.append(
                Sentence(
                    "{key!r} is {value!r:.60}, not of type {kind}",
                    key=key,
                    value=value,
                    kind=known[key].__name__,
                )
            )
        elif key == "seed" and isinstance(value, int) and value < 0:
            faults.append(Sentence("{key!r} is {value!r}, less than 0", key=key, value=value))
        else:
            settings[key] = value
    if faults:
        raise InputError(
            "{name!r} has {number} faults: {shown}; expected the settings {settings}. "
            "Correct them.",
            name=name,
            number=len(faults),
            shown=first_offenders(faults),
            settings=first_offenders(known, 12),
        )
    return settings


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(str(name))} = {_toml(each)}" for name, each in value.items())
        return f"{{{inner}}}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else _toml(name)
