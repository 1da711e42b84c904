"""What a measure answers, brought into one column of figures or classes, draw after draw."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders


def as_answer(found: Any, columns: str | Sequence[str] | None = None) -> "pd.Series[Any]":
    """Give the answer of a measure as one column of numbers, or of classes."""
    table = found if isinstance(found, pd.DataFrame) else getattr(found, "table", None)
    if isinstance(table, pd.DataFrame):
        return _of_table(
            table, getattr(found, "named_by", ()), getattr(found, "measured", ()), columns
        )
    answer = found if isinstance(found, pd.Series) else pd.Series(np.ravel(np.asarray(found)))
    return _plain(answer)


def is_table(found: Any) -> bool:
    """Tell whether an answer is a table, whose rows are known by name."""
    return isinstance(found, pd.DataFrame) or isinstance(
        getattr(found, "table", None), pd.DataFrame
    )


def collect(
    recorded: "pd.Series[Any]",
    measures: Iterable[Callable[[], "pd.Series[Any]"]],
    *,
    by_name: bool,
) -> tuple["pd.Series[Any]", list[Any], dict[str, int]]:
    """Ask for one answer after the other, and lay them side by side.

    draws (k,): Missing where a draw has no such row, or no answer.
    """
    failures: Counter[str] = Counter()
    answers: list[pd.Series[Any] | None] = []
    for measure in measures:
        try:
            answers.append(measure())
        except InputError as error:
            failures[str(error)] += 1
            answers.append(None)
            continue
        if not by_name:
            _require_same_rows(answers[-1], recorded)
    known = [answer for answer in answers if answer is not None]
    if answers and not known:
        reason, times = failures.most_common(1)[0]
        raise InputError(
            f"`measure` has no answer in any of {len(answers)} draws, {times} times because: "
            f"{reason} Expected one in some. Coarsen the measure, or keep the precise incidents.",
        )
    index = recorded.index
    for answer in known:
        if not answer.index.equals(index):
            index = index.append(answer.index.difference(index, sort=False))
    shown = recorded.reindex(index)
    empty = np.full(len(index), np.nan if pd.api.types.is_numeric_dtype(shown) else None)
    draws = [empty if answer is None else answer.reindex(index).to_numpy() for answer in answers]
    return shown, draws, dict(failures)


def _of_table(
    table: pd.DataFrame,
    named_by: Sequence[str],
    measured: Sequence[str],
    columns: str | Sequence[str] | None,
) -> "pd.Series[Any]":
    wanted = [columns] if isinstance(columns, str) else list(columns or measured)
    missing = [name for name in wanted if name not in table]
    if missing:
        raise InputError(
            f"`columns` has {len(missing)} names that the table of the measure does not hold: "
            f"{first_offenders(missing)}; expected some of {first_offenders(table.columns, 12)}. "
            f"{did_you_mean(missing[0], table.columns)}",
        )
    names = [name for name in named_by if name in table] or [
        name
        for name in map(str, table)
        if name not in wanted and not pd.api.types.is_numeric_dtype(table[name])
    ]
    wanted = wanted or [name for name in map(str, table) if name not in names]
    rows = table.set_index(names) if names else table
    if rows.index.duplicated().any():
        twice = rows.index[rows.index.duplicated()]
        raise InputError(
            f"`measure` gave {len(twice)} rows with the name of another: {first_offenders(twice)}; "
            "expected rows that their text tells apart. Return a Series indexed by what does.",
        )
    if len(wanted) == 1:
        return _plain(rows[wanted[0]])
    parts = {name: _plain(rows[name]) for name in wanted}
    return _plain(pd.concat(parts, names=["figure"])) if parts else pd.Series(dtype="float64")


def _plain(answer: "pd.Series[Any]") -> "pd.Series[Any]":
    answer = answer.infer_objects()
    if not pd.api.types.is_numeric_dtype(answer):
        return answer
    return pd.Series(answer.to_numpy(np.float64, na_value=np.nan), answer.index, name=answer.name)


def _require_same_rows(answer: Any, recorded: "pd.Series[Any]") -> None:
    if not answer.index.equals(recorded.index):
        raise InputError(
            f"`measure` gave {len(answer)} answers, {first_offenders(answer.index)}, after "
            f"{len(recorded)}, {first_offenders(recorded.index)}; expected the same, in the "
            "same order, each time. Count with start= and end=, and reindex on the units.",
        )
