"""Compute once what belongs to a set of units: its neighbours, its borders, the index over it.

What is remembered is known by the shapes themselves, which never change, and by the columns that it
is made from; so a copy of a table, or the same rows chosen again, are the same units, and a table
that was changed is another one.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import update_wrapper
from threading import Lock
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import geopandas as gpd
import numpy as np

Settings = ParamSpec("Settings")
Result = TypeVar("Result")

_MOST: Final = 8  # results of one function; those of the least recent units are forgotten


def remembered(
    *columns: str,
) -> Callable[
    [Callable[Concatenate[gpd.GeoDataFrame, Settings], Result]],
    Callable[Concatenate[gpd.GeoDataFrame, Settings], Result],
]:
    """Remember the results, which callers share and must not change, of a function of units.

    They depend on the geometry of the units, on these columns and on settings that can be hashed.
    """

    def decorate(
        function: Callable[Concatenate[gpd.GeoDataFrame, Settings], Result],
    ) -> Callable[Concatenate[gpd.GeoDataFrame, Settings], Result]:
        results: OrderedDict[Any, tuple[Any, Result]] = OrderedDict()
        lock = Lock()

        def once(
            units: gpd.GeoDataFrame, /, *settings: Settings.args, **options: Settings.kwargs
        ) -> Result:
            # units are known by the identity of their shapes, their reference system and columns
            shapes = units.geometry.to_numpy()
            places = np.fromiter(map(id, shapes), np.int64, len(shapes)).tobytes()
            values = tuple(
                (name, str(units[name].dtype), tuple(units[name]))
                for name in columns
                if name in units
            )
            given = settings, tuple(sorted(options.items()))
            key = places, str(units.crs), values, given
            with lock:
                if key in results:
                    results.move_to_end(key)
                    return results[key][1]
            result = function(units, *settings, **options)
            with lock:  # the shapes are kept, so that no other one can have their identity
                results[key] = units.geometry.to_numpy().copy(), result
                while len(results) > _MOST:
                    results.popitem(last=False)
            return result

        update_wrapper(once, function)
        return once

    return decorate
