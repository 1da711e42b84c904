"""What the path of the centre of violence says: a table, a map, a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError
from sahel_geo.i18n.cldr import date, decimal
from sahel_geo.i18n.countries import country_name
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.plotting import COLOURS, axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import words
from sahel_geo.schema import Language

_ROUND: Final = np.linspace(0, 360, 73)  # degrees
_TEXTS: Final = Texts(
    {
        "none": "No dated and located incident: no centre.",
        "one": "All incidents fall into one period: one centre, and no path.",
        "path": "From {first} to {last} the mean centre of incidents moved {km} km in a straight "
        "line.",
        "claimed": "It passed from one country to another beyond its uncertainty: {list}.",
        "passage": "{from} → {to}, between {not_before} and {not_after}",
        "unsure": "Its path cuts a border {n} times, but never beyond its uncertainty: no crossing "
        "is claimed.",
        "inside": "Its path cuts no border.",
        "outside": "outside the units",
        "caution": "A centre is a mean: it may cross a border that nothing crossed.",
    }
)


@dataclass(frozen=True)
class Migration(Result):
    """The mean centre of incidents by period, and the borders that its path crosses.

    Attributes
    ----------
    table : DataFrame, one row per period
        ``period``, ``incidents``, ``weight`` (their sum), ``date`` (weighted mean), ``lon`` and
        ``lat`` of the centre, ``country`` that holds it (missing outside the units),
        ``share_there`` (of the bootstrap centres in that country), ``certain`` (that share leaves
        no doubt, all periods taken together), ``radius_km`` (round the centre, that holds the
        bootstrap centres as surely), ``standard_distance_km``, ``major_km``, ``minor_km`` (half
        axes of the ellipse, one standard deviation), ``azimuth`` of the major one (degrees
        clockwise from the north of the projection), ``moved_km`` and ``bearing`` (geodesic, from
        the centre before) and ``moved_p`` (of as long a leg if waves of violence dealt the
        incidents of each place between the two periods, as :func:`displacement` has them).
    crossings : DataFrame, one row per border crossed by the path
        ``date`` (as if the centre moved steadily between the mean dates), ``lon``, ``lat``,
        ``from_country``, ``to_country`` (missing outside the units), ``after`` and ``by`` (the
        periods of the leg), ``claimed`` (whether certain centres lie on both sides), and then
        ``not_before`` and ``not_after``, their mean dates.
    left_out : dict of str to int
        Incidents left out, by reason.
    level : float
        Confidence that all certain centres are so, taken together.
    outline : GeoSeries
        The units, to draw.
    """

    named_by = ("period",)
    measured = ("lon", "lat")

    table: pd.DataFrame
    crossings: pd.DataFrame
    left_out: dict[str, int]
    level: float
    outline: gpd.GeoSeries = field(repr=False)

    def sentence(self, lang: Language = "fr") -> str:
        """Say how far the centre moved, and which crossings its uncertainty allows to claim."""
        texts, known = _TEXTS[lang], self.table[self.table["lon"].notna()]
        if len(known) < 2:
            return texts["one" if len(known) else "none"]
        ends = known.iloc[[0, -1]]
        lon, lat = ends["lon"].tolist(), ends["lat"].tolist()
        metres = WGS84.inv(lon[0], lat[0], lon[1], lat[1])[2]
        first, last = (str(each) for each in ends["period"])
        sentences = [
            texts["path"].format(first=first, last=last, km=decimal(metres / 1e3, lang, 0))
        ]
        claimed = self.crossings[self.crossings["claimed"]]
        if len(claimed):
            passages = [self._passage(row, lang) for row in claimed.to_dict("records")]
            sentences.append(texts["claimed"].format(list=" ; ".join(passages)))
        elif len(self.crossings):
            sentences.append(texts["unsure"].format(n=len(self.crossings)))
        else:
            sentences.append(texts["inside"])
        return " ".join([*sentences, texts["caution"]])

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the path with circles of uncertainty; dashed, the first and the last ellipse."""
        texts = words(lang)
        known = self.table[self.table["lon"].notna()]
        if known.empty:
            raise InputError("`table` has no centre to draw; expected a located, dated incident.")
        ax = axes(ax, size=(6.4, 5.2), lang=lang)
        for line in shapely.get_parts(self.outline.boundary.to_numpy()):
            ax.plot(*line.coords.xy, color="#a8a8a8", linewidth=0.6)
        ax.plot(known["lon"], known["lat"], color=COLOURS["all"], linewidth=1)
        for row in known.to_dict("records"):
            sure = COLOURS["cross_border" if row["certain"] else "baseline"]
            ax.plot(row["lon"], row["lat"], "o", color=sure, markersize=5)
            if np.isfinite(row["radius_km"]):
                ring = _ring(row["lon"], row["lat"], row["radius_km"], row["radius_km"])
                ax.fill(*ring, color=sure, alpha=0.12, linewidth=0)
            ax.annotate(str(row["period"]), (row["lon"], row["lat"]), (4, 4), **_LABEL)
        shapes = []
        for row in known.iloc[[0, -1]].to_dict("records"):
            turned = row["azimuth"] if np.isfinite(row["azimuth"]) else 0.0
            shape = row["major_km"], row["minor_km"], turned
            shapes.append(_ring(row["lon"], row["lat"], *shape))
            ax.plot(*shapes[-1], "--", color=COLOURS["domestic"], linewidth=0.9)
        claimed = self.crossings[self.crossings["claimed"]]
        ax.plot(claimed["lon"], claimed["lat"], "x", color=COLOURS["hot"], ms=9, mew=2.5)
        reach = known["radius_km"].fillna(0.0).to_numpy() / 111.0  # km in a degree of latitude
        east = [known["lon"] - reach, known["lon"] + reach, *(shape[0] for shape in shapes)]
        north = [known["lat"] - reach, known["lat"] + reach, *(shape[1] for shape in shapes)]
        for values, set_limits in ((east, ax.set_xlim), (north, ax.set_ylim)):
            set_limits(min(map(np.min, values)) - 0.5, max(map(np.max, values)) + 0.5)
        ax.set_aspect(1 / np.cos(np.radians(float(known["lat"].mean()))))  # true to shape
        ax.set(xlabel=texts["longitude"], ylabel=texts["latitude"])
        _explain(ax, texts)
        return ax

    def _passage(self, row: Mapping[Any, Any], lang: Language) -> str:
        dates = {name: date(row[name], lang) for name in ("not_before", "not_after")}
        names = {
            side: country_name(code, lang) if pd.notna(code) else outside
            for side, code in (("from", row["from_country"]), ("to", row["to_country"]))
            for outside in (_TEXTS[lang]["outside"],)
        }
        return _TEXTS[lang]["passage"].format(**names, **dates)


_LABEL: Final[dict[str, Any]] = {"textcoords": "offset points", "fontsize": "x-small"}


def _explain(ax: Any, texts: Mapping[str, str]) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415  only plots need it

    marks = (
        ("o", COLOURS["cross_border"], texts["centre_sure"]),
        ("o", COLOURS["baseline"], texts["centre_unsure"]),
        ("x", COLOURS["hot"], texts["crossing"]),
    )
    handles = [Line2D([], [], color=c, marker=m, linestyle="", label=text) for m, c, text in marks]
    handles.append(
        Line2D([], [], color=COLOURS["domestic"], linestyle="--", label=texts["ellipses"])
    )
    under = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.14)}
    ax.legend(handles=handles, ncols=2, frameon=False, fontsize="small", **under)


def _ring(lon: float, lat: float, major: float, minor: float, azimuth: float = 0.0) -> Any:
    """Give the places of an ellipse round a centre, by distance and direction."""
    along, across = major * np.cos(np.radians(_ROUND)), minor * np.sin(np.radians(_ROUND))
    towards = azimuth + np.degrees(np.arctan2(across, along))
    same = np.full(len(_ROUND), 1.0)
    metres = 1e3 * np.hypot(along, across)
    east, north, _ = WGS84.fwd(lon * same, lat * same, towards, metres)
    return east, north
