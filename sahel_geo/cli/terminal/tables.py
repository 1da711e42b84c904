"""Reading a table, and choosing from it, with the options of the command line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sahel_geo as sg
from sahel_geo.incidents.columns.names import parse_mapping


def read_table(
    path: Path, sheet: str | None, mapping: Sequence[str] | None, *, undo: bool = False
) -> Any:
    """Read incidents with the options of the command line."""
    return sg.read_incidents(
        path, sheet=sheet, mapping=parse_mapping(mapping), undo_swapped_dates=undo
    )


def choose(
    incidents: Any, actor: list[str] | None, event_type: list[str] | None, *, civilians: bool
) -> Any:
    """Choose incidents with the options of the command line."""
    from sahel_geo.incidents.actors.selection import select  # noqa: PLC0415  keeps --help fast

    return select(incidents, actors=actor or (), event_types=event_type or (), civilians=civilians)
