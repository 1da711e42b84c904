"""The countries of rows: of which standard their codes are."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats, Positions
from sahel_geo.errors import first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.countries import FIPS, NUMBERED, country_codes, fips_or_iso

_NORTH_OF_NIGERIA: Final = 13.9  # degrees of latitude


def code_standard(
    codes: Positions, texts: Sequence[str], lat: Floats, column: str
) -> tuple[Mapping[str, str], list[Sentence]]:
    """Give what codes of another standard than ISO mean: NG is Niger in FIPS, and Nigeria in ISO.

    Where no other code tells, points do: most of Niger lies north of Nigeria. Where nothing tells,
    rows of NG have no country, and that is said.

    codes, texts: The distinct texts of the column, and which each row has, -1 for none.
    lat (n,): Degrees, NaN where not known.
    """
    stated = {text.removesuffix(".0") for text in texts}
    for numbers in NUMBERED:
        if stated and stated <= set(numbers) and country_codes(pd.Series(sorted(stated)))[1]:
            note = Sentence(
                "the numbers in {column!r} are no codes of ISO: {shown}",
                column=column,
                shown=first_offenders([f"{each} {numbers[each]}" for each in sorted(stated)], 3),
            )
            return {text: numbers[text.removesuffix(".0")] for text in texts}, [note]
    standard = fips_or_iso(texts)
    if not standard:
        mine = np.isin(codes, [at for at, text in enumerate(texts) if text.strip().upper() == "NG"])
        known = lat[mine & ~np.isnan(lat)]
        north = (known > _NORTH_OF_NIGERIA).any()
        standard = "FIPS" if north else "ISO" if len(known) else ""
    if standard == "ISO":
        return {}, []
    plain = {text: text.strip().upper() for text in texts}
    if standard == "FIPS":
        note = Sentence("the codes in {column!r} are read as FIPS 10-4: NG is Niger", column=column)
        return {text: FIPS.get(code, text) for text, code in plain.items()}, [note]
    note = Sentence(
        "NG in {column!r} is Nigeria in ISO and Niger in FIPS, and nothing tells which: its rows "
        "have no country. Write NER for Niger and NGA for Nigeria",
        column=column,
    )
    return {text: "" if code == "NG" else text for text, code in plain.items()}, [note]
