"""Options that choose incidents by actor, kind of event and target."""

from typing import Annotated, Any

import typer

from sahel_geo.cli.terminal.words import tell

ActorOption = Annotated[
    list[str] | None,
    typer.Option(
        "--actor",
        help=tell("Incidents that name this actor or alliance, such as jnim; may be repeated."),
    ),
]
EventTypeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--event-type",
        help=tell(
            "violence, demonstrations, other, all, or a kind as the file writes it; may be "
            "repeated [violence]."
        ),
    ),
]
CiviliansOption = Annotated[
    bool,
    typer.Option(
        "--civilians",
        help=tell("Only incidents aimed at civilians."),
    ),
]


def choose(
    incidents: Any, actor: list[str] | None, event_type: list[str] | None, *, civilians: bool
) -> Any:
    """Choose incidents with the options of the command line."""
    from sahel_geo.incidents.actors.selection import select  # noqa: PLC0415  keeps --help fast

    return select(incidents, actors=actor or (), event_types=event_type or (), civilians=civilians)
