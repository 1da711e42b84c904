"""The pages of a report: sections of text, tables and pictures, one template, one navigation.

What is a `Sentence` in them is said in the language of the page when its template is filled.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from textwrap import fill
from typing import Any, Final, Literal

from jinja2 import Environment, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.maps.texts import PAGE
from sahel_geo.schema import Language

_TEMPLATES: Final = files("sahel_geo.maps") / "templates"
_BRIEF: Final = 11  # characters in a third of a phone's width
_METADATA: Final = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)


@dataclass(frozen=True)
class Table:
    """A table of a page; every cell is text, in the language of the page."""

    head: tuple[str, ...]  # headings of the columns
    rows: tuple[tuple[str, ...], ...]  # cells; the first of each row is its heading
    # positions of the other columns that hold words; the rest hold numbers
    words: tuple[int, ...] = ()
    depths: tuple[int, ...] = ()  # how far the heading of each row is set in; none by default
    # positions of columns that a narrow screen leaves out, unless the table has so many columns
    # that its rows are stacked there
    minor: tuple[int, ...] = ()

    def breadth(self, column: int) -> str:
        """Say how much room the words of a column take where rows are stacked."""
        longest = max(len(row[column]) for row in self.rows)
        return "brief" if longest <= _BRIEF else "half" if longest <= 2.4 * _BRIEF else "broad"


@dataclass(frozen=True)
class Card:
    """A link to another page or map, with a picture or a sentence."""

    href: str
    title: str
    text: str
    open: str
    picture: str = ""  # markup of our own


@dataclass(frozen=True)
class Figure:
    """A picture as inline SVG, with the words that say what it shows."""

    svg: Markup
    caption: str
    keys: tuple[tuple[str, str], ...] = ()  # colour and meaning
    narrow: Markup | None = None  # another drawing, for a phone


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, in this order."""

    title: str = ""
    paragraphs: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    figure: Figure | None = None
    table: Table | None = None
    formula: str = ""
    items: tuple[str, ...] = ()
    terms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # file and words
    more: tuple[tuple[str, str], ...] = ()  # pages that say more, and what they are called
    small: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """What a page of its own says in short, for the brief and the first page: who, what next."""

    title: str  # its heading
    sentences: tuple[str, ...]  # what it says
    table: Table | None = None  # a short table
    href: str = ""  # the page that says more; not named in the brief, which is sent alone


@dataclass(frozen=True)
class SitePage:
    """One page: its file, what the navigation calls it, and its content.

    A page that lies `behind` another has no entry of its own in the navigation: that of the other
    stands for it. A `headline` is its largest line, with the title above.
    """

    file: str
    name: str
    title: str
    lead: str
    sections: tuple[Section, ...]
    notices: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    headline: str = ""
    behind: str = ""

    def render(self, pages: list["SitePage"], lang: Language, footer: str) -> str:
        """Fill the template of a page; every text is escaped by it."""
        return fill_template(
            "report",
            lang=lang,
            page=self,
            pages=pages,
            footer=footer,
            navigation=Sentence("Pages of the report"),
            disclaimer=PAGE[lang]["disclaimer"],
        )


def drawing(ax: Any, *, letters: Literal["path", "none"] = "path") -> Markup:
    """Give the figure of some axes as an element to stand in a page, the same bytes every time."""
    from sahel_geo.indicators.display.figures import svg  # noqa: PLC0415

    text = svg(ax.figure, letters=letters)
    text = _METADATA.sub("", text[text.index("<svg") :])
    return Markup(text.replace("<svg", '<svg class="plot" aria-hidden="true"', 1))  # noqa: S704


def fill_template(name: str, **fields: Any) -> str:
    """Fill a template of the pages, with its style."""
    style = Markup((_TEMPLATES / f"{name}.css").read_text(encoding="utf-8"))  # noqa: S704  ours
    return _template_of(name).render(style=style, **fields)


@cache
def _template_of(name: str) -> Template:
    """Compile a template of the pages, once for all of them."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, finalize=_said
    )
    return environment.from_string((_TEMPLATES / f"{name}.html").read_text(encoding="utf-8"))


@pass_context
def _said(context: Context, value: object) -> object:
    return value.say(context["lang"]) if isinstance(value, Sentence) else value


_WIDTH: Final = 6.0  # inches
_PHONE_WIDTH: Final = 3.7  # inches; 355 pixels, with letters in their own size
_LONG: Final = 18  # characters of a label that takes too much room beside the axes of a phone
_LABEL_WIDTH: Final = 42  # characters above a row
_UNDER_AXES: Final = 28  # characters below the axes of a phone, beside long names of rows
_ROW: Final = 0.5  # inches of a row under its label
_ID: Final = re.compile(r"""(\bid="|href="#|url\(#)""")


def plot_figure(plot: Callable[[], Any], caption: str) -> Figure | None:
    """Draw a result for a page."""
    try:
        ax = plot()
    except InputError:
        return None
    ax.figure.set_size_inches(_WIDTH, ax.figure.get_size_inches()[1])
    ax.set_title("")
    wide = drawing(ax)
    # for a phone, rows with long labels each under its own
    names = [" ".join(label.get_text().split()) for label in ax.get_yticklabels()]
    height = ax.figure.get_size_inches()[1]
    if max(map(len, names), default=0) > _LONG:
        _lift_labels(ax, names)
        height = 0.9 + _ROW * (len(names) + 0.5)
    if ax.get_aspect() != "auto":  # a map is as high as it is wide, whatever the room around it
        (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
        height = 0.6 + _PHONE_WIDTH * ax.get_aspect() * (north - south) / (east - west)
    ax.set_xlabel(fill(ax.get_xlabel(), _UNDER_AXES))
    for text in [] if ax.axison else ax.texts:  # names around a drawing
        text.set_text(fill(text.get_text(), _LONG))
    ax.figure.set_size_inches(_PHONE_WIDTH, height + _stack_legend(ax))
    narrow = str(drawing(ax, letters="none"))
    # what has the same name in the other drawing, which a phone does not show, would not show here
    return Figure(wide, caption, narrow=Markup(_ID.sub(r"\1phone-", narrow)))  # noqa: S704


def _stack_legend(ax: Any) -> float:
    """Put a legend that is too wide for a phone below one another; gives the inches it takes."""
    legend = ax.get_legend()
    names = [] if legend is None else [text.get_text() for text in legend.get_texts()]
    if sum(len(name) + 6 for name in names) <= _LABEL_WIDTH:
        return 0.0
    ax.legend(
        handles=legend.legend_handles,
        labels=names,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=1,
        frameon=False,
        fontsize="small",
    )
    return 0.18 * (len(names) - 1)


def _lift_labels(ax: Any, names: Sequence[str]) -> None:
    places = list(ax.get_yticks())
    for place, name in zip(places, names, strict=True):
        ax.annotate(
            fill(name, _LABEL_WIDTH),
            (0, place),
            xycoords=("axes fraction", "data"),
            xytext=(2, 6),
            textcoords="offset points",
            va="bottom",
            fontsize=8.5,
            linespacing=1.1,
            annotation_clip=False,
            bbox={"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.6},
        )
    ax.set_yticks(places, [""] * len(places))
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    downward = ax.yaxis_inverted()
    ends = (min(places) - 0.5, max(places) + 0.9)
    ax.set_ylim(*((max(places) + 0.5, min(places) - 0.9) if downward else ends))
