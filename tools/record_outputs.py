"""Record the outputs of the package on the path for one input; see ``compare_outputs.py``."""

import dataclasses
import inspect
import json
import sys
import warnings
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from compare_outputs import figures_of
from output_calls import APART, CALLS, World

import sahel_geo as sg

_LONGEST: Final = 20_000  # values written one by one; of longer arrays only sums


def main(folder: Path, name: str, path: str) -> None:
    """Write the report and the results of all functions for one input."""
    out = folder / name
    out.mkdir(exist_ok=True)
    incidents = sg.read_incidents(path) if path else sg.load_example_incidents()
    units = sg.load_boundaries(level=2)
    for lang in ("fr", "en"):
        report = sg.write_report(incidents, units, out / lang, lang=lang)
        pages = {page.name: figures_of(page.read_text("utf-8")) for page in report.pages}
        _write(out / f"pages_{lang}.json", pages)
        table = pd.read_csv(out / lang / "indicators.csv")
        _write(out / f"indicators_{lang}.json", plain(table))
        _write(out / f"summary_{lang}.json", plain(report.summary))
    _write(out / "results.json", results(World(incidents)))
    if not path:
        _write(out / "signatures.json", signatures())


def results(world: World) -> dict[str, Any]:
    """Call every function; an error counts as its result."""
    given: dict[str, Any] = {}
    for name, call in CALLS.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                given[name] = plain(call(world))
        except Exception as error:  # noqa: BLE001  the comparison shows it
            given[name] = {"error": type(error).__name__, "message": str(error)}
    return given


def signatures() -> dict[str, Any]:
    """List the public names with their parameters, and the functions that no call covers."""
    names: dict[str, list[str]] = {}
    for name in sg.__all__:
        value = getattr(sg, name)
        members = (
            {f"{name}.{each}": getattr(value, each) for each in value.__all__}
            if inspect.ismodule(value)
            else {name: value}
        )
        for key, member in members.items():
            names[key] = parameters(member)
    called = {key.split(" ")[0] for key in CALLS} | APART
    functions = [
        key for key, value in names.items() if value and not key.split(".")[-1][0].isupper()
    ]
    return {"parameters": names, "not called": [key for key in functions if key not in called]}


def parameters(member: Any) -> list[str]:
    """Name what a function or class takes; nothing for constants and exceptions."""
    if not callable(member) or (isinstance(member, type) and issubclass(member, BaseException)):
        return []
    return list(inspect.signature(member).parameters)


def plain(value: Any) -> Any:  # noqa: C901, PLR0911  a line for each kind
    """Turn a result into what JSON can hold, and a comparison can walk through."""
    if isinstance(value, gpd.GeoDataFrame | pd.DataFrame):
        return {str(key): plain(value[key]) for key in value} | {"rows": len(value)}
    if isinstance(value, gpd.GeoSeries):
        return plain(np.array([_measures(shape) for shape in value]))
    if isinstance(value, pd.Series | pd.Index):
        return plain(
            np.asarray(value, dtype=object) if value.dtype.kind not in "fiub" else value.to_numpy()
        )
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, shapely.Geometry):
        return _measures(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [
            plain(each)
            for each in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)
        ]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return (
        None
        if value is None
        else str(value)
        if not hasattr(value, "toarray")
        else plain(value.toarray())
    )


def _array(values: Any) -> Any:
    if values.size > _LONGEST and values.dtype.kind in "fiub":
        flat = np.nan_to_num(np.asarray(values, dtype=float).ravel())
        place = np.linspace(1, 2, flat.size)
        return {"shape": list(values.shape), "sums": [flat.sum(), flat @ flat, flat @ place]}
    return [plain(each) for each in values.tolist()]


def _measures(shape: Any) -> list[float]:
    if shape is None:
        return []
    points = shapely.get_coordinates(shape)
    return [float(len(points)), *np.round(points.sum(axis=0), 6).tolist(), shape.length, shape.area]


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=0), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
