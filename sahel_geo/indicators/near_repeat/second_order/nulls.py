"""What two actors are compared with: shifted places, exchanged labels, or their own densities."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.compiled import compiled
from sahel_geo.errors import InputError
from sahel_geo.indicators.near_repeat.second_order.k_sums import KSums
from sahel_geo.indicators.near_repeat.second_order.study import Study
from sahel_geo.indicators.near_repeat.second_order.window import Window
from sahel_geo.tasks import track

_ONE_DAY: Final = np.ones(1)  # K in space needs no delays
_SIDE_BY_SIDE: Final = 32
_MOST_TRIES: Final = 1000
_SQUARE: Final = 4.0  # bandwidths: side of the squares in which types are dealt


@dataclass(frozen=True)
class Simulations:
    """K of incidents as they are, and as they could be."""

    window: Window  # where they lie
    limits: Floats  # (k,) distances in km
    number: int  # how many simulations
    rng: np.random.Generator  # source of randomness

    def _sums(self, study: Study, first: Flags | None = None) -> KSums:
        return study.sums(self.window, self.limits, _ONE_DAY, first=first)

    def shifted_places(self, pair: Study, first: Flags) -> tuple[Floats, Floats]:
        """K (k,) of pairs of two types, and (draws, k) with one moved round the rectangle."""
        west, south, east, north = self.window.shape.bounds
        corner, size = np.array([west, south]), np.array([east - west, north - south])
        simulated = np.empty((self.number, len(self.limits)))
        for at, step in enumerate(track(self.rng.uniform(0, 1, (self.number, 2)) * size, "shifts")):
            shift = np.where(first, 0.0, 1.0)[:, None] * step
            moved = corner + (pair.place + shift - corner) % size
            simulated[at] = self._sums(pair.at(moved), first).space()
        return self._sums(pair, first).space(), simulated

    def exchanged_labels(
        self, pair: Study, first: Flags, strata: Integers, density: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """K of the pairs of two types, and of as many with the types dealt anew inside strata.

        first, strata, density (n,): Types and groups of the incidents, and, for the inhomogeneous
        K, the density of both types together. Returns as :meth:`shifted_places`.
        """
        sums = self._sums(pair)
        kind, group = first[sums.order], strata[sums.order]
        scale = sums.area_km2 / max(int(first.sum()) * int((~first).sum()), 1)
        inverse = np.ones(len(kind))
        if density is not None:  # that of a type is its share of the density of both
            inverse = len(kind) / sums.area_km2 / density[sums.order]
        simulated = np.empty((self.number, len(self.limits)))
        for start in track(range(0, self.number, _SIDE_BY_SIDE), "permutations"):
            lanes = min(_SIDE_BY_SIDE, self.number - start)
            labels = np.column_stack([_dealt(kind, group, self.rng) for _ in range(lanes)])
            simulated[start : start + lanes] = scale * _between(sums, labels, inverse)
        return scale * _between(sums, kind[:, None], inverse)[0], simulated

    def exchanged_nearby(
        self, pair: Study, first: Flags, strata: Integers, bandwidth_km: float
    ) -> tuple[Floats, Floats]:
        """Inhomogeneous K of two types, and with the types dealt anew between neighbours only.

        Places stay, and so does the number of each type in each square four bandwidths wide: each
        type keeps its own geography, with nothing to be estimated of it. Returns as
        :meth:`shifted_places`.
        """
        density = Density.of(self.window, bandwidth_km).at(pair.place)
        square = np.floor(pair.place / (_SQUARE * bandwidth_km)).astype(np.int64)
        near = np.unique(np.column_stack([square, strata]), axis=0, return_inverse=True)[1].ravel()
        return self.exchanged_labels(pair, first, near, density)

    def own_density(self, study: Study, bandwidth_km: float) -> tuple[Floats, Floats]:
        """Inhomogeneous K, and as many with incidents scattered anew by their density.

        The density is estimated again from each simulation, so that what it explains by itself is
        in both. Returns as :meth:`shifted_places`.
        """
        density = Density.of(self.window, bandwidth_km)
        scatter = density.scatter(study.place, self.rng)

        def measured(place: Floats) -> Floats:
            sums = self._sums(study.at(place))
            inverse = 1 / density.at(place)[sums.order]
            totals = np.zeros(len(self.limits) + 1)
            for one, other, band, weight in sums.pairs:
                totals += np.bincount(band, weight * inverse[one] * inverse[other], len(totals))
            return np.asarray(2 * np.cumsum(totals[1:]) / self.window.area_km2)

        simulated = np.empty((self.number, len(self.limits)))
        for at in track(range(self.number), "simulations"):
            simulated[at] = measured(scatter())
        return measured(study.place), simulated


def _dealt(kind: Flags, group: Integers, rng: np.random.Generator) -> Flags:
    """Deal the types anew inside each group."""
    places = np.lexsort([group])
    shuffled = np.lexsort([rng.random(len(kind)), group])
    dealt = np.empty_like(kind)
    dealt[places] = kind[shuffled]
    return dealt


def _between(sums: KSums, labels: Flags, inverse: Floats) -> Floats:
    """Sum the weights of pairs of unlike labels (n, lanes) up to each distance: (lanes, k)."""
    out = np.zeros((len(sums.distances_km) + 1, labels.shape[1]))
    for one, other, band, weight in sums.pairs:
        _unlike(one, other, band, weight * inverse[one] * inverse[other], labels, out)
    return np.asarray(np.cumsum(out[1:], axis=0).T)


@compiled()
def _unlike(  # pragma: no cover
    one: Any, other: Any, band: Any, weight: Any, labels: Any, out: Any
) -> None:
    for at in range(len(one)):
        here, there, row = labels[one[at]], labels[other[at]], out[band[at]]
        for lane in range(labels.shape[1]):
            if here[lane] != there[lane]:
                row[lane] += weight[at]


@dataclass(frozen=True)
class Density:
    """Gaussian density of points per km², corrected for what its kernel loses over the edge.

    A point's own kernel stays in the density at it, so that one alone does not weigh without bound;
    the same is so in each simulation.
    """

    window: Window  # where points can lie
    bandwidth_km: float  # standard deviation of the kernel
    inside: Floats  # (rows, columns) share of a kernel at a cell that lies in the window

    @classmethod
    def of(cls, window: Window, bandwidth_km: float) -> "Density":
        """Measure what kernels lose over the edge."""
        if not (np.isfinite(bandwidth_km) and bandwidth_km > 0):
            raise InputError(
                f"`bandwidth_km` is {bandwidth_km}; expected a number above 0. Take about the "
                "extent of the towns or districts that draw incidents, such as 30."
            )
        return cls(window, bandwidth_km, window.blurred(float(bandwidth_km)))

    def at(self, place: Floats) -> Floats:
        """Density at the points themselves: place (n, 2), km; returns (n,), per km²."""
        return np.asarray(_kernel_sums(place, self.bandwidth_km) / self._share(place))

    def _share(self, place: Floats) -> Floats:
        west, _, _, north = self.window.shape.bounds
        rows, columns = self.inside.shape
        column = ((place[:, 0] - west) / self.window.step_km[0]).astype(int).clip(0, columns - 1)
        row = ((north - place[:, 1]) / self.window.step_km[1]).astype(int).clip(0, rows - 1)
        return np.asarray(self.inside[row, column].clip(min=1e-3))

    def scatter(self, place: Floats, rng: np.random.Generator) -> Any:
        """Give a function that draws as many points (n, 2) from the density of these."""
        import shapely  # noqa: PLC0415

        least = float(self._share(place).min())

        def draw() -> Floats:
            kept = np.empty((0, 2))
            for _ in range(_MOST_TRIES):
                near = place[rng.integers(0, len(place), 2 * len(place))]
                near = near + rng.normal(0, self.bandwidth_km, near.shape)
                lies = shapely.intersects_xy(self.window.shape, near)
                lies[lies] = rng.random(int(lies.sum())) * self._share(near[lies]) < least
                kept = np.concatenate([kept, near[lies]])
                if len(kept) >= len(place):
                    return kept[: len(place)]
            raise InputError(
                "`window` holds almost nothing of the density of the incidents; expected a window "
                "around them. Take a larger window or a smaller `bandwidth_km`."
            )

        return draw


@compiled()
def _kernel_sums(place: Any, bandwidth: float) -> Any:  # pragma: no cover
    size = len(place)
    own = 1 / (2 * np.pi * bandwidth**2)
    out = np.full(size, own)
    for one in range(size):
        for other in range(one + 1, size):
            x = (place[one, 0] - place[other, 0]) / bandwidth
            y = (place[one, 1] - place[other, 1]) / bandwidth
            square = x * x + y * y
            if square < 60:
                near = own * np.exp(-square / 2)
                out[one] += near
                out[other] += near
    return out
