"""Every class that a measure gives: its value, its name, its colour and its mark, once.

Maps, pages, plots and exports take them from here. Classes of one set that carry the same mark stay
at least 10 apart (CIEDE2000) for readers with any colour vision, Machado, Oliveira and Fernandes
(2009). Seventeen classes cannot do so by colour alone: those that belong together carry a mark.
"""

from typing import Final, Literal, NamedTuple

from sahel_geo.i18n.sentence import Counted, Sentence

Mark = Literal["vertical", "horizontal", "grid"]

HATCHES: Final[dict[str, str]] = {"vertical": "|||", "horizontal": "---", "grid": "+++"}
NEITHER_COLOUR: Final = "#f4f1ea"  # what is neither one nor the other


class KnownClass(NamedTuple):
    """A class that a measure gives."""

    value: str  # what stands in tables
    name: Sentence  # what it is called within a text
    colour: str  # ``"#rrggbb"``
    # lines over the colour, where colours alone do not keep the classes apart
    mark: Mark | None = None


ClassSet = tuple[KnownClass, ...]

_NOT_SIGNIFICANT: Final = KnownClass("not significant", Sentence("not significant"), NEITHER_COLOUR)
HOT_COLD: Final[ClassSet] = (
    KnownClass("hot", Sentence("hot spot"), "#ae1a25"),
    _NOT_SIGNIFICANT,
    KnownClass("cold", Sentence("cold spot"), "#3a7fb8"),
)
LOCAL_MORAN: Final[ClassSet] = (
    KnownClass("HH", Sentence("high among high"), "#ae1a25"),
    KnownClass("HL", Sentence("high among low"), "#f58c58"),
    _NOT_SIGNIFICANT,
    KnownClass("LH", Sentence("low among high"), "#a6c8e2"),
    KnownClass("LL", Sentence("low among low"), "#17588f"),
)
SCDI: Final[ClassSet] = (
    KnownClass("CH", Sentence("clustered, high intensity"), "#68051a"),
    KnownClass("DH", Sentence("dispersed, high intensity"), "#dc5039"),
    KnownClass("CL", Sentence("clustered, low intensity"), "#6ea6d0"),
    KnownClass("DL", Sentence("dispersed, low intensity"), "#d6e4f0"),
    KnownClass("unclassed", Sentence("one incident, no type"), "#a8a29a"),
)
LEVELS_OF_RISK: Final[ClassSet] = (
    KnownClass("very low", Sentence("very low"), "#fdeccd"),
    KnownClass("low", Sentence("low"), "#fcbb7f"),
    KnownClass("medium", Sentence("medium"), "#ec6f42"),
    KnownClass("high", Sentence("high"), "#b91f28"),
    KnownClass("very high", Sentence("very high"), "#5c0418"),
)
CHANGE: Final[ClassSet] = (
    KnownClass("more", Sentence("clearly more"), "#ae1a25"),
    KnownClass("no clear change", Sentence("no clear change"), "#c9c3b6"),
    KnownClass("less", Sentence("clearly fewer"), "#17588f"),
    KnownClass("no incident", Sentence("no incident"), NEITHER_COLOUR),
)
BORDER_EFFECT: Final[ClassSet] = (
    KnownClass("above", Sentence("above the baseline"), "#ae1a25"),
    KnownClass("open", Sentence("not distinguishable"), NEITHER_COLOUR),
    KnownClass("below", Sentence("below the baseline"), "#17588f"),
    KnownClass("not measurable", Sentence("not measurable"), "#c9c3b6"),
)
PROBABILITY: Final[ClassSet] = (
    KnownClass("under 10%", Sentence("under 10%"), "#fdeccd"),
    KnownClass("10-30%", Sentence("10 to 30%"), "#fcbb7f"),
    KnownClass("30-60%", Sentence("30 to 60%"), "#ec6f42"),
    KnownClass("60% or more", Sentence("60% or more"), "#b91f28"),
)
ALERT: Final[ClassSet] = (
    KnownClass("above expected", Sentence("above what was expected"), "#ae1a25"),
    KnownClass("as expected", Sentence("not above what was expected"), NEITHER_COLOUR),
)
# Word, colour of hot and of cold, mark. Upright: going on or growing; level: fading or over; both:
# on and off.
_HISTORIES: Final[dict[str, tuple[Counted, str, str, Mark | None]]] = {
    "new": (Counted("new", "new", count=1), "#ee9f00", "#2bb8ab", None),
    "consecutive": (
        Counted("consecutive", "consecutive", count=1), "#f58c58", "#7fb9e0", "vertical",
    ),
    "intensifying": (
        Counted("intensifying", "intensifying", count=1), "#68051a", "#08305f", "vertical",
    ),
    "persistent": (Counted("persistent", "persistent", count=1), "#ae1a25", "#17588f", None),
    "diminishing": (
        Counted("diminishing", "diminishing", count=1), "#d9472f", "#2f78b8", "horizontal",
    ),
    "sporadic": (Counted("sporadic", "sporadic", count=1), "#fbc9a0", "#bcd9ee", None),
    "oscillating": (Counted("oscillating", "oscillating", count=1), "#e8912d", "#5fa3d9", "grid"),
    "historical": (
        Counted("historical", "historical", count=1), "#b98d78", "#8aa0b4", "horizontal",
    ),
}  # fmt: skip
HISTORIES: Final = tuple(_HISTORIES)
NO_PATTERN: Final = KnownClass("no pattern", Sentence("no pattern"), NEITHER_COLOUR)
EMERGING: Final[ClassSet] = (
    *(
        KnownClass(f"{kind} hot spot", Sentence("{kind} hot spot", kind=word), hot, mark)
        for kind, (word, hot, _, mark) in _HISTORIES.items()
    ),
    *(
        KnownClass(f"{kind} cold spot", Sentence("{kind} cold spot", kind=word), cold, mark)
        for kind, (word, _, cold, mark) in _HISTORIES.items()
    ),
    NO_PATTERN,
)
_SETS: Final = (HOT_COLD, LOCAL_MORAN, SCDI, CHANGE, EMERGING, PROBABILITY)
_NAMES: Final = {each.value: each.name for known in _SETS for each in known}


def colours_of(known: ClassSet) -> dict[str, str]:
    """Give the colours of a set of classes by value."""
    return {each.value: each.colour for each in known}


def name_in(known: ClassSet, value: object, lang: str) -> str:
    """Name a class of a set within a text; what the set does not hold stands for itself.

    >>> name_in(HOT_COLD, "hot", "fr"), name_in(HOT_COLD, "?", "fr")
    ('point chaud', '?')
    """
    return next((each.name.say(lang) for each in known if each.value == value), str(value))


def class_name(value: object, lang: str) -> str | None:
    """Name a class that a table holds, whatever its set; None for what is no class.

    >>> class_name("new hot spot", "fr"), class_name("Gao", "fr")
    ('point chaud nouveau', None)
    """
    name = _NAMES.get(str(value))
    return None if name is None else name.say(lang)


def counted_history(kind: str, side: str, count: int, names: str = "") -> Sentence:
    """Count the units of a history of hot or cold spots.

    >>> counted_history("new", "hot", 2).say("fr")
    '2 points chauds nouveaux'
    """
    word = _HISTORIES[kind][0].counting(count)
    if side == "hot":
        return Counted(
            "{count} {kind} hot spot{names}",
            "{count} {kind} hot spots{names}",
            count=count,
            kind=word,
            names=names,
        )
    return Counted(
        "{count} {kind} cold spot{names}",
        "{count} {kind} cold spots{names}",
        count=count,
        kind=word,
        names=names,
    )


def grey(colour: str) -> float:
    """Give the level of grey of a colour in print, from 0 to 255.

    >>> grey("#ffffff"), round(grey("#b2182b")), round(grey("#2166ac"))
    (255.0, 72, 89)
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def ink_on(colour: str) -> str:
    """Choose the ink of lines that can be seen on a colour.

    >>> ink_on("#68051a"), ink_on("#fbc9a0")
    ('#ffffff', '#3d3830')
    """
    return "#3d3830" if grey(colour) > 140 else "#ffffff"
