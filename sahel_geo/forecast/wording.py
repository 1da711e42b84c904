"""What forecasts and their records say in words, in both languages."""

from math import isnan
from typing import TYPE_CHECKING, Any, Final

from sahel_geo.i18n.phrases import period_in_words
from sahel_geo.i18n.sentence import Sentence, joined

if TYPE_CHECKING:
    import pandas as pd

MODEL_NAMES: Final = {
    "zero": Sentence("always zero"),
    "last": Sentence("the last value"),
    "conflictology": Sentence("the last 12 months"),
    "conflictology_24": Sentence("the last 24 months"),
    "conflictology_neighbours": Sentence("the last 12 months with the neighbours"),
    "faded": Sentence("the faded past"),
    "endemic_epidemic": Sentence("the endemic-epidemic model"),
    "trees": Sentence("the boosted trees"),
    "pool": Sentence("the pool of models"),
}
LIMITS: Final = (
    Sentence(
        "It knows what was recorded, not what happened: places without reporters look quiet, and "
        "stay so in a forecast."
    ),
    Sentence("It knows no plan, negotiation, harvest or withdrawal, and no cause."),
    Sentence(
        "A first death after a quiet year is seldom foreseen: look at the probability, not at the "
        "median, which is 0 there."
    ),
    Sentence(
        "It must not be used to aim at people or places, nor as the only reason to withdraw aid or "
        "to refuse passage."
    ),
)


def model_name(model: str) -> Sentence:
    """Name a model in words; one of the user's own by its name."""
    return MODEL_NAMES.get(model, Sentence("{model}", model=model))


def one_of(column: str) -> Sentence:
    """Say what "at least one" is of."""
    if column == "incidents":
        return Sentence("at least one incident")
    if column.startswith("fatalities"):
        return Sentence("at least one death")
    return Sentence("at least 1 in {column}", column=column)


def count_of(column: str) -> Sentence:
    """Say what is counted."""
    if column == "incidents":
        return Sentence("incidents")
    if column.startswith("fatalities"):
        return Sentence("deaths")
    return Sentence("{column}", column=column)


def record_in_words(record: Any, origins: "pd.Series[Any]", reach: int) -> Sentence:
    """Say whether forecasts were better than the last twelve months, and how far that is known.

    `record`: Skill in CRPS and its interval. `reach`: periods ahead; 0 for all that are forecast.
    """
    parts = {
        "number": origins.nunique(),
        "first": period_in_words(origins.min()),
        "last": period_in_words(origins.max()),
        **{name: 100 * record[name] for name in ("skill", "lower", "upper")},
    }
    text = Sentence(
        "From {number} origins between {first} and {last} such forecasts were no better than "
        "the last 12 months (error {skill:.1f}% below, [{lower:.1f}; {upper:.1f}]).",
        **parts,
    )
    if record["lower"] > 0:
        text = Sentence(
            "From {number} origins between {first} and {last} such forecasts had an error "
            "{skill:.1f}% [{lower:.1f}; {upper:.1f}] below that of the last 12 months.",
            **parts,
        )
    elif isnan(record["lower"]) and record["skill"] <= 0:
        text = Sentence(
            "From {number} origins between {first} and {last}, too few for an interval, such "
            "forecasts were no better than the last 12 months (error {skill:.1f}% below).",
            **parts,
        )
    elif isnan(record["lower"]):
        text = Sentence(
            "The record ({number} origins, {first} to {last}) is too short to tell whether "
            "such forecasts are better than the last 12 months.",
            **parts,
        )
    if not reach:
        return text
    beyond = Sentence(
        "Nothing is known of how good they are more than {reach} periods ahead.", reach=reach
    )
    return joined([text, beyond], " ")


def scores_sentence(
    best: Any, skill: Any, origins: "pd.Series[Any]", column: str, foreign: "pd.DataFrame"
) -> Sentence:
    """Sum a record up: how many forecasts, how good, how calibrated, what it cannot tell."""
    parts = {name: 100 * skill[name] for name in ("skill", "lower", "upper")}
    parts["rule"] = model_name(str(skill["against"]))
    better = Sentence(
        "its error (CRPS {crps:.3f}) is {skill:.1f}% [{lower:.1f}; {upper:.1f}] below that of the "
        "best simple rule, {rule}",
        crps=best["crps"],
        **parts,
    )
    unknown = Sentence(
        "too few periods were forecast to tell whether it is better than the best simple rule, "
        "{rule}",
        **parts,
    )
    no_better = Sentence(
        "it is no better than the best simple rule, {rule} (error {skill:.1f}% below, "
        "[{lower:.1f}; {upper:.1f}])",
        **parts,
    )
    finding = better if skill["lower"] > 0 else no_better
    if skill["lower"] != skill["lower"]:
        finding = unknown
    return Sentence(
        "{number:,} forecasts from {origins} origins, {first} to {last}, of {what}: {model}; "
        "{finding}. Its 90% intervals held {coverage:.1f}% of what came. {foreign} Live "
        "forecasts do somewhat worse, since late reports were already in the data here.",
        number=int(best["forecasts"]),
        origins=origins.nunique(),
        first=period_in_words(origins.min()),
        last=period_in_words(origins.max()),
        what=count_of(column),
        model=model_name(best["model"]),
        finding=finding,
        coverage=100 * best["coverage"],
        foreign=_foreign(foreign),
    )


def _foreign(table: "pd.DataFrame") -> Sentence:
    if table.empty:
        return Sentence("What foreign neighbours add was not measured.")
    row = table.iloc[0]
    parts = {name: 100 * row[name] for name in ("skill", "lower", "upper")}
    if row["skill"] <= 0:
        return Sentence(
            "Knowing the neighbours across a border does not lower the error ({skill:.1f}% below, "
            "[{lower:.1f}; {upper:.1f}]): spillover explains more than it forecasts.",
            **parts,
        )
    if row["skill"] < 0.02:
        return Sentence(
            "Knowing the neighbours across a border lowers the error by {skill:.1f}% "
            "[{lower:.1f}; {upper:.1f}]: spillover explains more than it forecasts.",
            **parts,
        )
    return Sentence(
        "Knowing the neighbours across a border lowers the error by {skill:.1f}% "
        "[{lower:.1f}; {upper:.1f}].",
        **parts,
    )
