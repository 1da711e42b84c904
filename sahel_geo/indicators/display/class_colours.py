"""Colours and marks of the classes that the measures give, on every map and plot of them.

Classes of one set that carry the same mark stay at least 10 apart (CIEDE2000) for readers with any
colour vision, Machado, Oliveira and Fernandes (2009). Seventeen classes cannot do so by colour
alone: those that belong together carry a mark.
"""

from typing import Final, Literal

Mark = Literal["vertical", "horizontal", "grid"]

HATCHES: Final[dict[str, str]] = {"vertical": "|||", "horizontal": "---", "grid": "+++"}

HOT_COLD: Final = {"hot": "#ae1a25", "cold": "#3a7fb8"}
LOCAL_MORAN: Final = {"HH": "#ae1a25", "HL": "#f58c58", "LH": "#a6c8e2", "LL": "#17588f"}
SCDI: Final = {"CH": "#68051a", "DH": "#dc5039", "CL": "#6ea6d0", "DL": "#d6e4f0"}
# Kind: hot, cold, mark. Upright: going on or growing; level: fading or over; both: on and off.
EMERGING: Final[dict[str, tuple[str, str, Mark | None]]] = {
    "new": ("#ee9f00", "#2bb8ab", None),
    "consecutive": ("#f58c58", "#7fb9e0", "vertical"),
    "intensifying": ("#68051a", "#08305f", "vertical"),
    "persistent": ("#ae1a25", "#17588f", None),
    "diminishing": ("#d9472f", "#2f78b8", "horizontal"),
    "sporadic": ("#fbc9a0", "#bcd9ee", None),
    "oscillating": ("#e8912d", "#5fa3d9", "grid"),
    "historical": ("#b98d78", "#8aa0b4", "horizontal"),
}
EMERGING_COLOURS: Final = {
    **{f"{kind} hot spot": hot for kind, (hot, _, _) in EMERGING.items()},
    **{f"{kind} cold spot": cold for kind, (_, cold, _) in EMERGING.items()},
}
EMERGING_MARKS: Final[dict[str, Mark]] = {
    f"{kind} {side} spot": mark
    for kind, (_, _, mark) in EMERGING.items()
    for side in ("hot", "cold")
    if mark
}


def grey(colour: str) -> float:
    """Give the level of grey of a colour in print, from 0 to 255.

    Examples
    --------
    >>> grey("#ffffff"), round(grey("#b2182b")), round(grey("#2166ac"))
    (255.0, 72, 89)
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def ink_on(colour: str) -> str:
    """Choose the ink of lines that can be seen on a colour.

    Examples
    --------
    >>> ink_on("#68051a"), ink_on("#fbc9a0")
    ('#ffffff', '#3d3830')
    """
    return "#3d3830" if grey(colour) > 140 else "#ffffff"
