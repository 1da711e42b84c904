"""Derive the project's table of commune facts from a compiled table of units and spellings."""

from pathlib import Path
from typing import Final

import pandas as pd

from sahel_geo.schema import COUNTRIES

COLUMNS: Final = (
    "shape_id",
    "country",
    "pcode",
    "name",
    "aliases",
    "adm2_pcode",
    "adm2_name",
    "adm1_pcode",
    "adm1_name",
    "adm1_2012",
    "adm1_2016",
    "adm1_2023",
    "adm1_2023_basis",
    "adm2_2023",
    "adm2_2023_basis",
    "adm1_2025",
    "adm2_2025",
    "confidence",
    "name_evidence",
)

# Taoudénit of 2016 is taken as this commune alone; accounts that draw it larger disagree.
TAOUDENIT_2016: Final = "Salam"

# Below this share of its area in one region or cercle of 2023, a commune is cut by the new edge.
WHOLE_SHARE: Final = 0.95

_EVIDENCE: Final = {"COD-AB": "polygon of the same name", "RGPH": "chief town, province and area"}


def derive(units: Path, spellings: Path) -> pd.DataFrame:
    """Build the table of facts that the boundaries are made from.

    Parameters
    ----------
    units : Path
        Table of one row per commune with the names, P-codes and parents found for it.
    spellings : Path
        Table of other spellings, one a row: ``shape_id``, ``alias``.

    Returns
    -------
    DataFrame
        The columns of `COLUMNS`, one row per commune, by country and P-code. ``aliases`` holds
        other spellings separated by ``|``; ``adm1_2023_basis`` and ``adm2_2023_basis`` are
        ``"law"`` where the unit of 2023 was established, ``"partly"`` where part of the commune
        lies outside it, and ``"kept"`` where the commune was left in its unit of 2021.
    """
    given = pd.read_csv(units, dtype="string")
    aliases = pd.read_csv(spellings, dtype="string").groupby("shape_id")["alias"]
    joined = aliases.agg(lambda names: "|".join(sorted(set(names))))
    facts = pd.DataFrame(
        {
            "shape_id": given["shape_id"],
            "country": given["country"],
            "pcode": given["adm3_pcode"],
            "name": given["adm3_name"],
            "aliases": given["shape_id"].map(joined).fillna(""),
        },
    )
    for column in ("adm2_pcode", "adm2_name", "adm1_pcode", "adm1_name"):
        facts[column] = given[column]
    facts = facts.assign(**_vintages(given))
    facts["confidence"] = given["confidence"]
    facts["name_evidence"] = given["name_basis"].str.extract(r"^(COD-AB|RGPH)")[0].map(_EVIDENCE)
    rank = facts["country"].map({country: place for place, country in enumerate(COUNTRIES)})
    order = facts.assign(rank=rank).sort_values(["rank", "pcode"]).index
    return facts.loc[order, list(COLUMNS)].reset_index(drop=True)


def _vintages(given: pd.DataFrame) -> dict[str, pd.Series]:
    mali = given["country"] == "MLI"
    wider = (given["adm1_2016"] == "Taoudénit") & (given["adm3_name"] != TAOUDENIT_2016)
    shares = given["parent_basis"].str.extract(r"overlap adm1 ([\d.]+)/adm2 ([\d.]+)")
    shares = shares.astype("Float64").fillna(1.0)
    return {
        "adm1_2012": given["adm1_2012"],
        "adm1_2016": given["adm1_2016"].mask(wider, given["adm1_2012"]),
        "adm1_2023": given["adm1_2023"].fillna(given["adm1_name"].where(mali)),
        "adm1_2023_basis": _basis(given["adm1_2023"], shares[0]).where(mali),
        "adm2_2023": given["adm2_2023"],
        "adm2_2023_basis": _basis(given["adm2_2023"], shares[1]).where(mali),
        "adm1_2025": given["adm1_2025"],
        "adm2_2025": given["adm2_2025"],
    }


def _basis(unit: pd.Series, share: pd.Series) -> pd.Series:
    """Say how the unit of 2023 is known, from the share of the commune that lies in it."""
    known = pd.Series("law", index=unit.index, dtype="string")
    return known.mask(share < WHOLE_SHARE, "partly").mask(unit.isna(), "kept")
