"""The second line of defence: no network for GDAL, and no reference system that opens files."""

import json
import re
from pathlib import Path
from typing import Any, Final

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from sahel_geo.crs import LONLAT
from sahel_geo.errors import CrsError

# Names that no address has, and a proxy on a port where nothing listens.
OFFLINE: Final = {
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none", "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_PROXY": "127.0.0.1:9", "GDAL_HTTPS_PROXY": "127.0.0.1:9", "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_CONNECTTIMEOUT": "1", "GDAL_HTTP_MAX_RETRY": "0", "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "OGR_SQLITE_LIST_VIRTUAL_OGR": "NO", "SHAPE_RESTORE_SHX": "NO",
}  # fmt: skip
# "nadgrids=@null" opens nothing, and GDAL writes it into every Web Mercator.
_OTHER_FILES: Final = re.compile(
    r"nadgrids(?!=@null(?:[\s\"]|$))|geoidgrids|PARAMETERFILE|\+init|\+grids|\+xy_grids|\+file",
    re.IGNORECASE,
)


def plain_crs(crs: CRS | None, file: Path | str) -> CRS | None:
    """Refuse a coordinate reference system that opens other files, or leads to no degrees."""
    if crs is not None and _OTHER_FILES.search(f"{crs.to_wkt()} {crs.srs}"):
        raise CrsError(
            "{file!r} has a coordinate reference system that reads other files; expected one with "
            "an EPSG code. Save it again in EPSG:4326.",
            file=str(file),
        )
    if crs is None or crs == LONLAT:
        return crs
    if not _leads_to_degrees(crs):
        raise CrsError(
            "{file!r} is in {crs!r}, from which no way leads to degrees on the Earth; expected a "
            "reference system of the Earth. Set the right one in a GIS.",
            file=str(file),
            crs=crs.name,
        )
    return crs


def stated_crs(stated: Any, file: Path | str) -> CRS:
    """Give the coordinate reference system that a file states, as WKT, PROJJSON or a code."""
    try:
        crs = CRS.from_user_input(stated)
    except CRSError as error:
        raise unreadable_crs(stated, file) from error
    plain_crs(crs, file)
    return crs


def in_degrees(crs: CRS) -> bool:
    """Tell whether a system is longitude and latitude on WGS 84, in either order."""
    lonlat = bool(crs.equals(LONLAT, ignore_axis_order=True))
    return lonlat or crs.to_authority() == ("OGC", "CRS84")


def unreadable_crs(stated: Any, file: Path | str) -> CrsError:
    """Refuse a layer whose system is stated and not known: its numbers may be no degrees."""
    return CrsError(
        "{file!r} states a coordinate reference system that cannot be read: {stated!r}; expected "
        "one with an EPSG code. Set the right one in a GIS: EPSG:4326 for degrees.",
        file=str(file),
        stated=" ".join((stated if isinstance(stated, str) else json.dumps(stated)).split())[:80],
    )


def _leads_to_degrees(crs: CRS) -> bool:
    """Tell whether two coordinates are a place on the Earth; heights are none, nor x of x, y, z."""
    if crs.is_geocentric or (crs.is_vertical and not crs.is_compound):
        return False
    try:
        Transformer.from_crs(crs, LONLAT)
    except ProjError:
        return False
    return True
