"""What results of measures share: a table, a plot, a sentence, and how a notebook shows them."""

from base64 import b64encode
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, Final

import pandas as pd
from markupsafe import Markup, escape

from sahel_geo.errors import InputError, require_language
from sahel_geo.i18n.language import languages
from sahel_geo.schema import Language

_ROWS: Final = 12
_COLUMNS: Final = 12
_STYLE: Final = "max-width:100%;height:auto;display:block;background:#fff"


class Result:
    """A result that can be read as a table, drawn, quoted, and shown in a notebook.

    Attributes
    ----------
    table : DataFrame
        The figures, one row per thing measured.
    named_by : tuple of str
        Columns that name the rows, where columns of text alone do not.
    measured : tuple of str
        Columns that hold what was measured; all other numbers where it is empty.
    """

    table: pd.DataFrame
    named_by: ClassVar[tuple[str, ...]] = ()
    measured: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        if "sentence" in cls.__dict__:
            cls.sentence = _in_a_known_language(cls.sentence)  # type: ignore[method-assign]

    def __dir__(self) -> list[str]:
        return sorted(name for name in object.__dir__(self) if not name.startswith("_"))

    def sentence(self, lang: Language = "fr") -> str:
        """Say what was found, in a sentence to quote, with its caution.

        Parameters
        ----------
        lang : {"fr", "en"}
            Language.

        Returns
        -------
        str
            A sentence or a few; nothing is claimed inside the range that chance gives.

        Raises
        ------
        InputError
            If `lang` is not a language of the package.
        """
        raise NotImplementedError

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the result.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw on; new ones by default.
        lang : {"fr", "en"}
            Language of the labels.

        Returns
        -------
        matplotlib Axes
            The axes drawn on.

        Raises
        ------
        InputError
            If there is nothing to draw, or `lang` is not a language of the package.
        """
        raise NotImplementedError

    def _repr_html_(self) -> str:
        text = Markup("").join(
            Markup('<p lang="{0}">{1}</p>').format(lang, self.sentence(lang))
            for lang in languages()
        )
        drawn = plot_html(self)
        return f'<div class="sahel-geo-result">{text}{drawn}{_html_table(self.table)}</div>'


def _in_a_known_language(sentence: Callable[[Any, Language], str]) -> Callable[..., str]:
    """Refuse a language that the package does not speak, for a sentence of any result."""

    @wraps(sentence)
    def say(self: Any, lang: Language = "fr") -> str:
        require_language(lang)
        return sentence(self, lang)

    return say


def plot_html(result: Any) -> Markup:
    """Write the plot of a result as a picture that stands in HTML."""
    try:
        ax = result.plot()
    except InputError:
        return Markup("")
    from sahel_geo.indicators.display.figures import picture  # noqa: PLC0415  matplotlib is loaded now

    kind, drawn = picture(ax.figure)
    data = b64encode(drawn.encode() if isinstance(drawn, str) else drawn).decode()
    return Markup('<img alt="{0}" style="{1}" src="data:{2};base64,{3}">').format(
        type(result).__name__, _STYLE, kind, data
    )


def _html_table(table: pd.DataFrame) -> str:
    """Write the first rows; pandas escapes names and values."""
    part = table.iloc[:_ROWS, :_COLUMNS]
    left = len(table) - len(part)
    more = escape(f"… + {left}") if left else Markup("")
    html = part.to_html(border=0, escape=True, na_rep="", float_format=lambda value: f"{value:.4g}")
    return f'<div style="overflow-x:auto;white-space:nowrap">{html}</div>{more}'
