"""How well probabilities put what happened before what did not."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def average_precision(probability: Floats, came: npt.NDArray[np.bool_]) -> float:
    """Average the share of hits among all that are at least as likely, over the hits.

    probability (n,): Stated probabilities, or anything that orders likewise.
    came (n,): What happened.
    Returns: 1 if all that happened was put first; about the base rate without any skill;
    missing if nothing happened.

    >>> average_precision(np.array([0.9, 0.8, 0.1]), np.array([True, False, True])).__round__(4)
    0.8333
    """
    if not came.any():
        return float("nan")
    order = np.argsort(-probability, kind="stable")
    value, hit = probability[order], came[order]
    last = np.append(value[1:] != value[:-1], True)  # ties are passed together
    hits = np.cumsum(hit)[last]
    precision = hits / (np.flatnonzero(last) + 1)
    return float((np.diff(hits, prepend=0) * precision).sum() / hits[-1])


def area_under_curve(probability: Floats, came: npt.NDArray[np.bool_]) -> float:
    """Give the chance that something that happened was stated as more likely than what did not.

    probability (n,): Stated probabilities, or anything that orders likewise.
    came (n,): What happened.
    Returns: Area under the ROC curve: 0.5 without any skill; missing if nothing or all
    happened.

    Hanley, J. A. and McNeil, B. J. (1982). The meaning and use of the area under a receiver
    operating characteristic (ROC) curve. Radiology 143, 29-36.

    >>> area_under_curve(np.array([0.9, 0.8, 0.1]), np.array([True, False, True]))
    0.5
    """
    from scipy.stats import rankdata  # noqa: PLC0415  takes a while

    hits, misses = int(came.sum()), int((~came).sum())
    if hits == 0 or misses == 0:
        return float("nan")
    ranks = rankdata(probability)
    return float((ranks[came].sum() - hits * (hits + 1) / 2) / (hits * misses))
