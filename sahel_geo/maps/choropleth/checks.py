"""What a map takes: units, columns and options are checked before anything is drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from sahel_geo.errors import InputError, first_offenders, require_language
from sahel_geo.maps.classes.palettes import nearest


def check_lang(lang: str) -> None:
    """Refuse a language that the page does not speak."""
    require_language(lang)


def check_keys(given: Mapping[str, Any], columns: Sequence[str], argument: str) -> None:
    """Refuse options for a column that the map does not show."""
    unknown = [name for name in given if name not in columns]
    if unknown:
        raise InputError(
            f"`{argument}` names {len(unknown)} columns that the map does not show: "
            f"{first_offenders(unknown)}; expected columns of `column`. "
            f"{nearest(str(unknown[0]), columns)}",
        )
