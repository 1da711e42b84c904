"""The legend of a picture: classes, lines, incidents and layers of users, beside the map."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.maps.picture.drawing import (
    EDGE,
    INK,
    LINES,
    QUIET,
    Ruler,
    draw_group,
    fill_of,
    height,
    plain,
)
from sahel_geo.maps.picture.folium_layers import UserLayers
from sahel_geo.maps.picture.view import (
    LARGEST,
    PIXELS_PER_INCH,
    PRECISIONS,
    Group,
    Incidents,
    View,
    label_of,
)
from sahel_geo.maps.texts import format_number, said
from sahel_geo.schema import Language

WIDTH: Final = 3.1  # inches, as everything here
_SWATCH: Final = (0.36, 0.2)
_ROW: Final = 0.29
_TEXT: Final = _SWATCH[0] + 0.12
_SIZES: Final = (1, 10, 50)  # deaths of the symbols that show what size means
_MIXED: Final = Sentence("A group of different precisions is a circle.")
_DOUBT: Final = "#e8e2d6"
_TYPICAL: Final = 5  # deaths of the symbols that show what shape means, as on the page


@dataclass(frozen=True)
class Row:
    """One line of the legend."""

    # ``class``, ``line``, ``meeting``, ``precision``, ``sizes``, ``user``, ``heading`` or ``words``
    kind: str
    what: Any  # what its symbol shows
    words: list[str]  # lines beside it
    size: float = 9.0  # of the letters in points
    gap: float = 0.0  # inches above it

    @property
    def height(self) -> float:
        """Inches that it takes, without the gap."""
        text = height(len(self.words), self.size)
        if self.kind in ("heading", "words"):
            return text
        if self.kind == "sizes":
            radius: float = max(group.radius for group in self.what)
            return 2 * radius / PIXELS_PER_INCH + 0.3
        return max(_ROW, text + 0.06)


@dataclass
class Legend:
    """The rows of a legend, measured and drawn."""

    data: Mapping[str, Any]  # what the page draws and says
    view: View  # the classes shown
    # incidents of the period within the map; None where the map shows none
    incidents: Incidents | None
    groups: Sequence[Group]  # their symbols
    added: UserLayers  # layers that users added
    lang: Language
    ruler: Ruler  # measures text

    def __post_init__(self) -> None:
        """Measure the rows."""
        self.texts = self.data["texts"][self.lang]
        title, *more = self.view.heads
        rows = [Row("heading", INK, self.ruler.lines(title, 10.5, WIDTH, bold=True), 10.5)]
        rows += [Row("words", 9.0, self.ruler.lines(text, 9.0, WIDTH), 9.0) for text in more]
        rows += [
            self._row("class", entry, label_of(entry, self.lang), gap=0.0 if at else 0.1)
            for at, entry in enumerate(self.view.classes)
        ]
        if self.view.doubtful and self.view.doubt is not None:
            own = self.view.doubt["label"]
            label = self.texts["uncertain"] if own is None else said(own, self.lang)
            entry = {"kind": "uncertain", "count": len(self.view.doubtful), "colour": _DOUBT}
            rows.append(self._row("class", entry, label))
        rows += self._lines()
        rows += self._words(self.view.method, gap=0.08)
        if self.incidents is not None:
            rows += self._symbols(self.incidents)
        rows += self._notes()
        for at, (name, mark) in enumerate(self.added.named):
            rows.append(self._row("user", mark, name, gap=0.0 if at else 0.12))
        self.rows = rows

    @property
    def height(self) -> float:
        """Inches that the legend takes."""
        return sum(row.gap + row.height for row in self.rows) + 0.1

    def _row(self, kind: str, what: Any, label: str, gap: float = 0.0) -> Row:
        return Row(kind, what, self.ruler.lines(label, 9.0, WIDTH - _TEXT - 0.43), gap=gap)

    def _words(self, text: str, gap: float = 0.0) -> list[Row]:
        lines = self.ruler.lines(text, 7.5, WIDTH)
        return [Row("words", None, lines, 7.5, gap)] if lines else []

    def _lines(self) -> list[Row]:
        rows: list[Row] = []
        for line in self.data["lines"]:
            label = self.texts[line["kind"]] if line["label"] is None else line["label"]
            gap = 0.0 if rows else 0.1
            rows.append(self._row("line", line["kind"], said(label, self.lang), gap))
        if self.data["paths"]["river"]:
            rows.append(self._row("line", "river", self.texts["waters"]))
        if self.data["meeting_points"]:
            rows.append(self._row("meeting", None, self.texts["meeting_point"]))
        return rows

    def _notes(self) -> list[Row]:
        """List the notes that a user placed, with their numbers."""
        notes = [said(note["text"], self.lang) for note in self.data["annotations"]]
        if not notes:
            return []
        title = self.ruler.lines(self.texts["annotations"], 9.0, WIDTH, bold=True)
        texts = [self._words(f"{at}. {text}", gap=0.03) for at, text in enumerate(notes, start=1)]
        return [Row("heading", INK, title, 9.0, gap=0.14), *(row for rows in texts for row in rows)]

    def _symbols(self, incidents: Incidents) -> list[Row]:
        """Say what shape, size and number of the symbols mean."""
        texts, points = self.texts, self.data["points"]
        title = self.ruler.lines(texts["points"], 9.0, WIDTH, bold=True)
        rows = [Row("heading", INK, title, 9.0, gap=0.14)]
        rows += [
            self._row("precision", number, texts[PRECISIONS[number]])
            for number in sorted(set(incidents.precision.tolist()))
        ]
        hint = "points_hint_plain"
        if points["deaths"] is not None:
            hint = "points_hint"
            # Choose the deaths to show as sizes: no larger than there are.
            most = max((int(group.deaths) for group in self.groups), default=0)
            capped = math.ceil(((LARGEST - 3.5) / 1.5) ** 2)
            sizes = [deaths for deaths in _SIZES if deaths <= max(most, 1)]
            sizes += [capped] if most >= capped else []
            symbols = [Group(0.0, 0.0, 1, deaths, 0) for deaths in sizes]
            rows.append(Row("sizes", symbols, [], gap=0.04))
        moved = texts["points_moved"].format(km=points["km"])
        mixed = [_MIXED.say(self.lang)] if any(group.precision < 0 for group in self.groups) else []
        return [*rows, *self._words(" ".join([texts[hint], *mixed, moved]), gap=0.04)]

    def draw(self, sheet: Any, left: float, top: float) -> None:
        """Draw the rows."""
        for row in self.rows:
            top -= row.gap
            if row.kind in ("heading", "words"):
                bold = {"weight": "bold"} if row.kind == "heading" else {"color": QUIET}
                sheet.write(row.words, row.size, left, top, **bold)
            elif row.kind == "sizes":
                # Draw symbols of rising size with their deaths below.
                bottom = top - row.height
                x = left
                for number, group in enumerate(row.what):
                    radius = group.radius / PIXELS_PER_INCH
                    capped = group.radius == LARGEST
                    text = plain(
                        f"{'≥ ' if capped else ''}{format_number(group.deaths, self.lang)}"
                    )
                    half = max(radius, self.ruler.width(text, 8.0) / 2)
                    x += half if number else max(half, _SWATCH[0] / 2)
                    placed = replace(group, x=x, y=bottom + 0.26 + radius)
                    draw_group(sheet.put, placed, 1 / PIXELS_PER_INCH, sheet.inches, 1)
                    sheet.write([text], 8.0, x, bottom + 0.2, color=QUIET, ha="center")
                    x += half + 0.16
            else:
                self._symbol(sheet, row, left, top - _ROW / 2)
                start = top - (_ROW - height(1, row.size)) / 2
                sheet.write(row.words, row.size, left + _TEXT, start)
                if row.kind == "class" and row.what.get("count") is not None:
                    count = [plain(format_number(row.what["count"], self.lang))]
                    sheet.write(count, 8.0, left + WIDTH, start - 0.01, color=QUIET, ha="right")
            top -= row.height

    def _symbol(self, sheet: Any, row: Row, left: float, middle: float) -> None:
        wide, tall = _SWATCH
        box = (left, middle - tall / 2, wide, tall)
        if row.kind == "class":
            style: Any = fill_of(row.what, doubtful=row.what["kind"] == "uncertain")
            sheet.put(Rectangle(box[:2], wide, tall, **style))
            rim: Any = {"facecolor": "none", "edgecolor": EDGE, "linewidth": 0.6}
            sheet.put(Rectangle(box[:2], wide, tall, **rim))
        elif row.kind == "line":
            weight, colour, dashes = next(each[1:] for each in LINES if each[0] == row.what)
            ends = [left, left + wide]
            sheet.put(Line2D(ends, [middle, middle], color=colour, lw=weight, ls=dashes))
        elif row.kind == "meeting":
            sheet.put(Line2D([left + wide / 2], [middle], marker="^", color=INK, ms=7, ls="none"))
        elif row.kind == "precision":
            group = Group(left + wide / 2, middle, 1, _TYPICAL, row.what)
            draw_group(sheet.put, group, 1 / PIXELS_PER_INCH, sheet.inches, 1)
        else:
            for patch in row.what.symbol(box):
                sheet.put(patch)
