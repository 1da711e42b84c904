"""Layers of points: GeoPackage, shapefile, FlatGeobuf, KML, in an archive or not."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.crs import LONLAT, require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.formats.vectors import Layer, read_vector, vector_layers
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.field_names import NAMES
from sahel_geo.incidents.columns.names import header_score, readings
from sahel_geo.incidents.readers.geofiles import refuse_shapes
from sahel_geo.incidents.readers.raw import RawTable, unique_names
from sahel_geo.incidents.reasons import NOT_A_POINT

_MOST_LAYERS: Final = 20


def read_layers(path: Path, name: str | None, wanted: Sequence[str]) -> RawTable:
    """Read one layer of a file; of several the one named, or the one with the best header."""
    layers = vector_layers(path)
    if name is not None:
        chosen = [layer for layer in layers if layer.name == name]
        if not chosen:
            raise InputError(
                "`sheet` {name!r} is no layer of {file!r}; its layers are {layers}.",
                name=name,
                file=path.name,
                layers=first_offenders([layer.name for layer in layers]),
            )
        layers = chosen
    if not layers:
        raise InputError(
            "{file!r} holds no layer; expected one with points. Save the layer again in a GIS.",
            file=path.name,
        )
    several = InputError(
        "{file!r} holds {number} layers: {shown}; expected one. Name it with sheet= (--sheet).",
        file=path.name,
        number=len(layers),
        shown=first_offenders([layer.name for layer in layers]),
    )
    if len(layers) > _MOST_LAYERS:  # each would have to be read to see which one holds incidents
        raise several
    frames = [(layer, _frame(path, layer)) for layer in layers]
    scores = [header_score([str(each) for each in frame.columns], wanted) for _, frame in frames]
    best = max(range(len(frames)), key=lambda at: (scores[at], len(frames[at][1])))
    if len(frames) > 1 and scores.count(scores[best]) > 1:
        raise several
    layer, frame = frames[best]
    table = _from_frame(frame, path.name)
    _name_places(table, layer.kind)
    table.sheet = layer.name if len(layers) > 1 or name else None
    if len(layers) > 1:
        table.notes.append(
            Sentence(
                "the file has {number} layers; {best!r} is read",
                number=len(layers),
                best=layer.name,
            )
        )
    return table


def _name_places(table: RawTable, kind: str) -> None:
    """Take the label of placemarks in KML for their place where nothing else names it."""
    named = any(set(readings(name)) & set(NAMES["place"]) for name in table.names)
    if kind == "kml" and not named:
        table.rename(["place" if name == "Name" else name for name in table.names])


def _frame(path: Path, layer: Layer) -> Any:
    if layer.has_encoding:
        return read_vector(path, layer)
    try:
        return read_vector(path, layer, encoding="utf-8")
    except UnicodeDecodeError:
        return read_vector(path, layer, encoding="cp1252")


def _from_frame(frame: pd.DataFrame, name: str) -> RawTable:
    """Take points as ``lon`` and ``lat`` in degrees, and set other shapes aside."""
    if not isinstance(frame, gpd.GeoDataFrame):
        cells = _frame_cells(frame)
        return RawTable(cells, np.arange(1, len(cells) + 1), "geo")
    shapes, notes = _to_degrees(frame.geometry, name)
    cells = _frame_cells(
        pd.DataFrame(frame.drop(columns=frame.geometry.name)), _point_columns(shapes)
    )
    kinds = shapely.get_type_id(shapes)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    wrong = np.flatnonzero((kinds != 0) & ~empty)
    rejected: list[tuple[int, str, str, list[str]]] = [
        (
            int(at) + 1,
            NOT_A_POINT,
            Sentence("the geometry is a {kind}", kind=shapes[at].geom_type),
            ["" if pd.isna(value) else str(value) for value in cells.iloc[at]],
        )
        for at in wrong
    ]
    if len(wrong) and len(wrong) == (~empty).sum():
        refuse_shapes(name, shapes[wrong[0]].geom_type)
    keep = np.ones(len(cells), dtype=bool)
    keep[wrong] = False
    rows = np.arange(1, len(cells) + 1)
    table = RawTable(cells[keep].reset_index(drop=True), rows[keep], "geo", notes=notes)
    table.rejected = rejected
    return table


def _point_columns(shapes: Any) -> dict[str, Any]:
    """Give ``lon`` and ``lat`` of points; NaN for what is missing, empty or not a point."""
    points = np.asarray(shapes, dtype=object)
    return {"lon": pd.Series(shapely.get_x(points)), "lat": pd.Series(shapely.get_y(points))}


def _frame_cells(
    frame: pd.DataFrame, columns: Mapping[str, "pd.Series[Any]"] | None = None
) -> pd.DataFrame:
    """Give the columns of a frame as cells, beside others that are there already."""
    plain = frame.reset_index(drop=True)
    cells = dict(columns or {})
    for position, name in enumerate(unique_names([str(name) for name in plain.columns])):
        free = name if name not in cells else f"{name} (2)"
        cells[free] = _hashable(plain.iloc[:, position])
    return pd.DataFrame(cells, index=plain.index)


def _hashable(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Turn lists and other objects that are no plain cells into text."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.astype(values.cat.categories.dtype)
    if values.dtype == object and pd.api.types.infer_dtype(values, skipna=True) == "mixed":
        return values.map(lambda cell: str(cell) if isinstance(cell, (list, dict, set)) else cell)
    if isinstance(values.dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        return values.astype("string")
    return values


def _to_degrees(geometry: Any, name: str) -> tuple[Any, list[Sentence]]:
    """Reproject shapes to degrees; without a CRS they must look like degrees, which is said."""
    shapes = np.asarray(geometry.to_numpy(), dtype=object)
    single = [
        shape.geoms[0] if getattr(shape, "geom_type", "") == "MultiPoint" and len(shape.geoms) == 1
        else shape
        for shape in shapes
    ]  # fmt: skip
    series = gpd.GeoSeries(single, crs=geometry.crs)
    notes = []
    if series.crs is None:
        west, south, east, north = series.total_bounds
        if len(series.dropna()) and not (
            -180 <= west <= east <= 180 and -90 <= south <= north <= 90
        ):
            raise InputError(
                "{name!r} has no coordinate reference system, and its points are not in degrees; "
                "expected one. Save it again with its reference system.",
                name=name,
            )
        notes = [Sentence("the file states no reference system: its points are read as degrees")]
    elif not series.crs.equals(LONLAT, ignore_axis_order=True):
        notes = [Sentence("points are reprojected from {crs} to degrees", crs=series.crs.name)]
        series = series.to_crs(LONLAT)
    return np.asarray(series.to_numpy(), dtype=object), notes


def read_frame(frame: pd.DataFrame) -> RawTable:
    """Take a DataFrame, or a GeoDataFrame of points, as a raw table; the frame is not changed."""
    columns: dict[str, Any] = {}
    plain = pd.DataFrame(frame).reset_index(drop=True)
    if isinstance(frame, gpd.GeoDataFrame):
        require_lonlat(frame, "frame")
        columns |= _point_columns(frame.geometry.to_numpy())
        plain = plain.drop(columns=frame.geometry.name)
    return RawTable(_frame_cells(plain, columns), np.arange(2, len(plain) + 2), "frame")
