"""Axes to draw on, in one printable style; matplotlib is loaded only when something is drawn."""

from typing import Any, Final

# Okabe & Ito (2008): told apart with any colour vision, and in grey by their lightness.
COLOURS: Final[dict[str, str]] = {
    "all": "#000000",
    "domestic": "#0072b2",
    "cross_border": "#d55e00",
    "baseline": "#8a8a8a",
    "hot": "#b2182b",
    "cold": "#2166ac",
}
CYCLE: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_SIZE_INCHES: Final = (6.4, 4.0)
_LONGEST_LABEL: Final = 40  # letters


def axes(ax: Any = None, *, size: tuple[float, float] = _SIZE_INCHES) -> Any:
    """Give the caller's axes, or new ones in the style of the package.

    Parameters
    ----------
    ax : matplotlib Axes, optional
        Axes to draw on; they keep their own style.
    size : (float, float)
        Width and height of a new figure, in inches.

    Returns
    -------
    matplotlib Axes
        `ax`, or the axes of a new figure without a window, which a notebook shows.
    """
    if ax is not None:
        return ax
    from sahel_geo.indicators.shown_axes import new_axes  # noqa: PLC0415  matplotlib takes a while

    ax = new_axes(size)
    ax.set_prop_cycle(color=CYCLE)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(visible=True, color="#e3e3e3", linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def label_of(text: object) -> str:
    r"""Write a name for a plot: on one line, not too long, and never as mathematics.

    Parameters
    ----------
    text : object
        A name from data.

    Returns
    -------
    str
        The name, in which matplotlib sees no formula.

    Examples
    --------
    >>> print(label_of("Prix : 5 $\n ou 6 $"))
    Prix : 5 \$ ou 6 \$
    """
    words = " ".join(str(text).split())
    if len(words) > _LONGEST_LABEL:
        words = f"{words[: _LONGEST_LABEL - 1]}…"
    return words.replace("$", r"\$")


def to_svg(ax: Any) -> str:
    """Write the figure of some axes as SVG, with the same bytes every time.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes from :func:`axes` or from a plot.

    Returns
    -------
    str
        An SVG document.
    """
    from sahel_geo.indicators.shown_axes import svg  # noqa: PLC0415

    return svg(ax.figure)
