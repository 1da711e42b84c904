"""Models by name, and the pool of several."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, Self, runtime_checkable

import numpy as np

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, require_names
from sahel_geo.forecast.models.baselines import Conflictology, Faded, Last, Zero
from sahel_geo.forecast.models.endemic_epidemic import EndemicEpidemic
from sahel_geo.forecast.models.trees import Trees
from sahel_geo.forecast.past import Past


@runtime_checkable
class Model(Protocol):
    """What a model has to be able to do."""

    def fit(self, past: Past, horizons: Sequence[int], rng: np.random.Generator) -> Self:
        """Learn from everything up to the last period of `past`.

        Parameters
        ----------
        past : Past
            Counts of every unit up to an origin.
        horizons : sequence of int
            How many periods ahead forecasts will be asked for.
        rng : Generator
            The only source of randomness.

        Returns
        -------
        Self
            The fitted model.
        """

    def predict_cdf(self, past: Past, horizon: int) -> Floats:
        """Give a distribution for each unit, `horizon` periods after the last one of `past`.

        Parameters
        ----------
        past : Past
            Counts up to the origin, which may be later than those of the fit.
        horizon : int
            Periods ahead.

        Returns
        -------
        ndarray of float, shape (m, k)
            Cumulative probabilities at ``past.support``; the last of each row is 1.
        """


POOL: Final = ("faded", "endemic_epidemic", "trees")
BASELINES: Final = ("zero", "last", "conflictology", "conflictology_24", "conflictology_neighbours")
MODELS: Final[dict[str, Callable[[], Model]]] = {
    "zero": Zero,
    "last": Last,
    "conflictology": Conflictology,
    "conflictology_24": lambda: Conflictology(24),
    "conflictology_neighbours": lambda: Conflictology(neighbours=True),
    "faded": Faded,
    "endemic_epidemic": EndemicEpidemic,
    "trees": Trees,
}
_OWN: Final = frozenset(MODELS)


def register(name: str, model: Callable[[], Model]) -> None:
    """Let a model of your own take part in :func:`evaluate` and :func:`predict`.

    Parameters
    ----------
    name : str
        By which it is asked for; not one of the package's own.
    model : callable
        Gives a model that is not fitted yet; usually the class itself, with methods ``fit`` and
        ``predict_cdf`` as of :class:`Model`.

    Raises
    ------
    InputError
        If the name belongs to a model of the package, or what is given makes no model.

    Examples
    --------
    >>> class Twice(Zero):
    ...     "Whatever you think of."
    >>> register("twice", Twice)
    """
    if name in (*_OWN, "pool"):
        raise InputError(
            f"`name` is {name!r}, a model of the package; expected another. Choose one of your own."
        )
    if not isinstance(model(), Model):
        raise InputError(
            f"`model` {name!r} gives an object without fit and predict_cdf; expected both. Write "
            "them as sahel_geo.forecast.Model says."
        )
    MODELS[name] = model


def resolve(names: Sequence[str]) -> list[str]:
    """Check names of models, hyphens or not, and give each once as the registry spells it."""
    clean = [
        str(name).replace("-", "_") for name in ([names] if isinstance(names, str) else names or ())
    ]
    clean = ["conflictology" if name == "conflictology_12" else name for name in clean]
    require_names("`models`", clean, (*MODELS, "pool"))
    return list(dict.fromkeys(clean))


class Team:
    """Several models fitted and asked together; members of a pool are fitted even if not named."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        needed = [name for name in names if name != "pool"]
        needed += [name for name in POOL if "pool" in names and name not in needed]
        self.models: dict[str, Model] = {name: MODELS[name]() for name in needed}

    def fit(self, past: Past, horizons: Sequence[int], rng: np.random.Generator) -> Self:
        """Fit each model, with a random stream of its own; see :class:`Model`."""
        streams = dict(zip(self.models, rng.spawn(len(self.models)), strict=True))
        for name, model in self.models.items():
            self.models[name] = model.fit(past, horizons, streams[name])
        return self

    def predict_cdfs(self, past: Past, horizon: int) -> dict[str, Floats]:
        """Ask each model once, as :class:`Model`: (m, k) by name."""
        answers = {name: model.predict_cdf(past, horizon) for name, model in self.models.items()}
        if "pool" in self.names:
            answers["pool"] = np.mean([answers[name] for name in POOL], axis=0)
        return {name: answers[name] for name in self.names}
