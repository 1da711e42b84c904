"""Which columns of a table name its units: codes before names, with the level they are of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NoReturn

import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents.columns.countries import country_codes
from sahel_geo.incidents.columns.field_names import NAMES
from sahel_geo.incidents.columns.names import plain_name, readings
from sahel_geo.incidents.readers.raw import RawTable
from sahel_geo.incidents.rows.locations import pcode_level
from sahel_geo.places.boundaries.names import MATCHED, match_units, share_of_names, vintage_units
from sahel_geo.places.boundaries.vintages import FRAMES
from sahel_geo.places.spelling import key, pcode_forms
from sahel_geo.schema import COUNTRIES

_TRIED: Final = 400  # rows that are looked at to find the columns of units
_LEAST_SHARE: Final = 0.5  # of them must be units


@dataclass(frozen=True)
class UnitColumns:
    """The columns that name the units of a table."""

    level: int | None  # level of the rows, None where `units` are of no level (cells, own zones)
    # code, name: columns of codes and of names of this level
    code: str | None
    name: str | None
    # ``adm0``, ``adm1``, ``adm2`` to the columns of the units around
    parents: dict[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()  # more columns of codes

    @property
    def key(self) -> str:
        """The column that decides."""
        return self.code or self.name or ""

    @property
    def all(self) -> list[str]:
        """Every column that names a unit."""
        named = (self.code, self.name, *self.parents.values(), *self.others)
        return [name for name in named if name]


def find_unit_columns(
    raw: RawTable, key: str | None = None, level: int | None = None
) -> UnitColumns | None:
    """Find the columns of codes and names, and the level of the rows; None where there is none.

    The finest level that most rows name is the level of the table. A column called after a level
    is of that level if its values are; any other is of the level at which most are units. Where
    names are units of several levels alike, `level` decides.
    """
    # Find columns of P-codes by level; codes of several levels in one column are refused.
    codes: dict[int, str] = {}
    for column in raw.names:
        values = _head(raw, column)
        levels = [_code_level(value) for value in values]
        known = [level for level in levels if level >= 0]
        if not known or len(known) < _LEAST_SHARE * len(values):
            continue
        if len(set(known)) > 1:
            mixed = [v for v, level in zip(values, levels, strict=True) if level == min(known)]
            raise InputError(
                "the column {column!r} mixes codes of {levels} levels, such as {coarse}; expected "
                "one level. Take the rows of one level out, such as the totals.",
                column=column,
                levels=len(set(known)),
                coarse=first_offenders(mixed, 3),
            )
        codes.setdefault(known[0], column)
    names = _name_columns(raw, key, max(codes, default=None) if level is None else level)
    if key is not None:
        codes = {level: column for level, column in codes.items() if column == key}
        own = {level: column for level, column in names.items() if column == key}
        if codes or own:
            return _columns(raw, max([*codes, *own]), codes, names if codes else {**names, **own})
        return None
    if not codes and not names:
        countries = (column for column in raw.names if _holds_countries(raw, column))
        other = level not in {None, 0} or any(_called(column) for column in raw.names)
        country = None if other else next(countries, None)
        return None if country is None else UnitColumns(0, None, country)
    return _columns(raw, max([*codes, *names]), codes, names)


def _holds_countries(raw: RawTable, column: str) -> bool:
    """Whether a column called after countries holds those of the units."""
    called = set(readings(column)) & set(NAMES["country"])
    return (
        bool(called) and country_codes(_head(raw, column))[0].isin(COUNTRIES).mean() > _LEAST_SHARE
    )


def _columns(
    raw: RawTable, level: int, codes: dict[int, str], names: dict[int, str]
) -> UnitColumns:
    parents = {
        f"adm{above}": names.get(above, codes.get(above, ""))
        for above in range(1, level)
        if above in names or above in codes
    }
    free = [each for each in raw.names if each not in {*codes.values(), *names.values()}]
    countries = [column for column in free if set(readings(column)) & set(NAMES["country"])]
    if countries and level > 0:
        parents["adm0"] = countries[0]
    return UnitColumns(level, codes.get(level), names.get(level), parents, tuple(codes.values()))


def _head(raw: RawTable, column: str) -> "pd.Series[str]":
    values = raw.column(column).dropna().astype(str).str.strip()
    return values[values != ""].head(_TRIED)


def _code_level(value: str) -> int:
    """Tell the level of a code: of the unit that has it, else by its digits; -1 for no code."""
    forms = pcode_forms(value)
    known = [_known_codes()[form][0] for form in (value, *forms) if form in _known_codes()]
    levels = known or [level for level in map(pcode_level, forms) if level]
    return levels[0] if levels else -1


@cache
def _known_codes() -> dict[str, tuple[int, set[str]]]:
    """Give the level of every code of every vintage, and the keys of the names it has had."""
    known: dict[str, tuple[int, set[str]]] = {}
    for vintage in _vintages():
        for level in (1, 2, 3):
            table = vintage_units(level, vintage)
            for unit, name in zip(table["unit_id"], table["name"], strict=True):
                known.setdefault(str(unit), (level, set()))[1].add(key(str(name)))
    return known


def _name_columns(raw: RawTable, key: str | None, wanted: int | None) -> dict[int, str]:
    """Find columns of names by level: called after it, or with most values of it."""
    scores: dict[int, tuple[float, str]] = {}
    unsure: dict[str, list[int]] = {}
    for column in raw.names:
        values = _head(raw, column)
        numeric = pd.to_numeric(values.astype(object), errors="coerce").notna()
        if (
            values.empty
            or numeric.mean() > _LEAST_SHARE
            or (sum(_code_level(value) >= 0 for value in values) > _LEAST_SHARE * len(values))
        ):
            continue
        shares = {level: _share(values, level) for level in (1, 2, 3)}
        called = _called(column) or _said_kinds(column, values)
        fitting = [level for level in called if shares[level] >= _LEAST_SHARE]
        alike = [level for level in shares if shares[level] == max(shares.values())]
        level = (fitting or alike)[0]
        if len(fitting) > 1:
            level = max(fitting, key=lambda each: shares[each])
        if not fitting and len(alike) > 1 and wanted in alike:
            level = int(wanted or 0)
        share = shares[level] + (1.0 if fitting else 0.0)
        enough = shares[level] > _LEAST_SHARE or bool(fitting)
        if enough and share > scores.get(level, (0.0, ""))[0]:
            scores[level] = (share, column)
            if not fitting and len(alike) > 1 and wanted is None and key in {None, column}:
                unsure[column] = alike
    names = {level: column for level, (_, column) in scores.items()}
    for column in names.values():
        if column in unsure:
            _refuse_alike(column, _head(raw, column), unsure[column])
    return names


def _said_kinds(column: str, values: "pd.Series[str]") -> tuple[int, ...]:
    """Tell the level that the values themselves state, such as "Cercle de Koro"."""
    levels = values.map(plain_name).str.split().str[0].map(_KINDS).dropna().astype(int)
    if len(set(levels)) > 1:
        raise InputError(
            "the column {column!r} mixes units of several levels, such as {shown}; expected one "
            "level. Take the rows of one level out, such as the totals.",
            column=column,
            shown=first_offenders(values[levels.drop_duplicates().index], 3),
        )
    return () if levels.empty else (int(levels.iloc[0]),)


_KINDS: Final = {
    "region": 1, "cercle": 2, "province": 2, "departement": 2, "department": 2, "commune": 3,
    "municipality": 3, "municipalite": 3, "gouvernorat": 1, "governorate": 1, "district": 1,
}  # fmt: skip


def _refuse_alike(column: str, values: "pd.Series[str]", levels: Sequence[int]) -> NoReturn:
    raise InputError(
        "the column {column!r} (such as {shown}) holds names of units of the levels {levels} "
        "alike; expected one level. Say which with `units` of that level (--level), or add codes.",
        column=column,
        shown=first_offenders(values, 3),
        levels=", ".join(map(str, levels)),
    )


def _called(column: str) -> tuple[int, ...]:
    """Tell which levels a column may be of by its name."""
    names = {*readings(column), *map(plain_name, column.split("/"))}  # "Région/Province"
    if names & {"departement", "department", "nom departement", "departements"}:
        return (2, 3)
    return tuple(level for level in (1, 2, 3) if names & set(NAMES[f"admin{level}"]))


def _share(values: "pd.Series[str]", level: int) -> float:
    """Tell how many of the values are names of units of a level, in the vintage that has most."""
    distinct = values.drop_duplicates().tolist()
    return max(share_of_names(distinct, level, vintage) for vintage in _vintages())


def match_rows(
    raw: RawTable, columns: UnitColumns, units: pd.DataFrame, *, foreign_codes: bool = False
) -> tuple[pd.DataFrame, list[Sentence]]:
    """Match rows to units by code, and by name where there is no code; see that the two agree.

    With `foreign_codes`, codes that disagree in every row, each with one name, are taken for those
    of another numbering, and names decide.
    """
    by_code = _by(raw, columns.code, columns, units)
    by_name = _by(raw, columns.name, columns, units)
    if by_code is None or by_name is None:
        matches = by_code if by_name is None else by_name
        if matches is None:
            raise InputError("the table has no column that names units.")
        fitting = matches["unit_id"].notna() | (matches["reason"] == "empty")
        _refuse_other_vintage(raw, columns, units, fitting)
        return matches, []
    blank = by_name["reason"] == "empty"
    both = by_code["unit_id"].notna() & by_name["unit_id"].notna()
    foreign = by_code["unit_id"].notna() & (by_name["reason"] == "other vintage")
    doubtful = (both & (by_code["unit_id"] != by_name["unit_id"])) | foreign
    known = by_name["unit_id"].notna()
    beyond = by_code["unit_id"].isna() & known & _of_that_name(raw, columns)
    _refuse_other_vintage(raw, columns, units, (known | blank) & ~doubtful & ~beyond)
    if doubtful.any():
        another = foreign_codes and doubtful.all() and _one_to_one(raw, columns)
        if not (known | blank).all() or (
            all(map(pcode_forms, units["unit_id"].astype(str))) and not another
        ):
            _refuse_contradictions(raw, columns, by_code, doubtful)
        note = Sentence(
            "the codes in {column!r} are of another numbering: rows are matched by name",
            column=columns.code,
        )
        return by_name, [note]
    matches = by_code.copy()
    use_name = by_code["unit_id"].isna() & known & ~beyond  # a namesake that is not among `units`
    matches[use_name] = by_name[use_name]
    return matches, []


def _of_that_name(raw: RawTable, columns: UnitColumns) -> "pd.Series[bool]":
    """Whether a code is that of a unit of any vintage that bears the name beside it."""
    codes, names = (
        raw.column(str(name)).astype(object).fillna("").astype(str)
        for name in (columns.code, columns.name)
    )
    return pd.Series(
        [
            any(
                key(name) in _known_codes()[form][1]
                for form in (code.strip(), *pcode_forms(code))
                if form in _known_codes()
            )
            for code, name in zip(codes, names, strict=True)
        ],
        index=codes.index,
    )


def _one_to_one(raw: RawTable, columns: UnitColumns) -> bool:
    """Whether every code stands beside one name, and every name beside one code."""
    pairs = pd.DataFrame(
        {"code": raw.column(str(columns.code)), "name": raw.column(str(columns.name))}
    ).drop_duplicates()
    return not (pairs["code"].duplicated().any() or pairs["name"].duplicated().any())


def _by(
    raw: RawTable, column: str | None, columns: UnitColumns, units: pd.DataFrame
) -> pd.DataFrame | None:
    if column is None:
        return None
    parents = None
    if column == columns.name and columns.parents:
        parents = pd.DataFrame(
            {level: raw.column(name).astype(object) for level, name in columns.parents.items()}
        )
    return match_units(raw.column(column).astype(object), units, parents=parents)


def _refuse_other_vintage(
    raw: RawTable, columns: UnitColumns, units: pd.DataFrame, fitting: "pd.Series[bool]"
) -> None:
    """Refuse a table whose names are all those of another vintage, and name it."""
    if fitting.all() or not columns.level or columns.name is None:
        return
    own = set(units["unit_id"].astype(str))
    tables = {
        year: _of_countries(vintage_units(columns.level, year), units) for year in _vintages()
    }
    if _is_part(raw, columns, own, tables.values()):
        return
    now = _by(raw, columns.name, columns, units)
    unknown = ~now["reason"].isin([*MATCHED, "empty"]).to_numpy(dtype=bool)  # type: ignore[index]
    for vintage, table in tables.items():
        if set(table["unit_id"]) == own:
            continue
        matches = _by(raw, columns.name, columns, table)
        if matches is None or not matches["reason"].isin([*MATCHED, "empty"]).all():
            continue
        names = raw.column(columns.name).astype(object)
        wrong = (~fitting).to_numpy(dtype=bool)
        meant = matches.loc[wrong, "unit_id"]
        countries = table.loc[table["unit_id"].isin(meant), "country"].unique()
        if meant.isin(own).all() or not all(vintage in FRAMES[str(each)] for each in countries):
            continue
        facts = {
            "column": columns.name,
            "shown": first_offenders(with_rows(names[wrong], raw.rows[wrong])),
            "vintage": vintage,
        }
        if not unknown.any():  # the names are of both vintages: only codes can tell which is meant
            coded = _by(raw, columns.code, columns, table)
            if coded is None or not (coded["unit_id"] == matches["unit_id"]).all():
                continue
            raise InputError(
                "{number} codes disagree with the names in {column!r}: {shown}; with vintage "
                "{vintage} they agree. Load the units with vintage={vintage!r} "
                "(--vintage {vintage}).",
                number=int(wrong.sum()),
                **facts,
            )
        lost = wrong & unknown
        raise InputError(
            Counted(
                "the column {column!r} has {count} name that the units do not have: {shown}; these "
                "are the units{codes} of vintage {vintage}. Load them with vintage={vintage!r} "
                "(--vintage {vintage}).",
                "the column {column!r} has {count} names that the units do not have: {shown}; "
                "these are the units{codes} of vintage {vintage}. Load them with "
                "vintage={vintage!r} (--vintage {vintage}).",
                count=int(lost.sum()),
                codes=Sentence(" and codes") if columns.code else "",
                **(facts | {"shown": first_offenders(with_rows(names[lost], raw.rows[lost]))}),
            )
        )


def _of_countries(table: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    if "country" in units:
        table = table[table["country"].isin(set(units["country"]))]
    return table.reset_index(drop=True)


def _is_part(
    raw: RawTable, columns: UnitColumns, own: set[str], tables: Iterable[pd.DataFrame]
) -> bool:
    """Whether the units are part of a vintage that has all the names: the others lie elsewhere."""
    wider = []
    for table in tables:
        ids = set(table["unit_id"].astype(str))
        if ids == own:
            return False
        if ids > own:
            wider.append(table)
    answers = (_by(raw, columns.name, columns, table) for table in wider)
    return any(
        answer is not None and bool(answer["reason"].isin([*MATCHED, "empty"]).all())
        for answer in answers
    )


def with_rows(names: Iterable[object], rows: Iterable[object]) -> list[Sentence]:
    """Show what stands in some rows, each with its number in a spreadsheet."""
    pairs = zip(names, rows, strict=True)
    return [Sentence("{name} (row {row})", name=name, row=row) for name, row in pairs]


def _refuse_contradictions(
    raw: RawTable, columns: UnitColumns, by_code: pd.DataFrame, doubtful: "pd.Series[bool]"
) -> None:
    wrong = doubtful.to_numpy(dtype=bool)
    names = raw.column(str(columns.name)).astype(object)
    codes = raw.column(str(columns.code)).astype(object)
    examples = [
        Sentence(
            "{code} is {unit}, but the row says {name} (row {row})",
            code=code,
            unit=unit,
            name=name,
            row=row,
        )
        for code, unit, name, row in zip(
            codes[wrong], by_code["name"][wrong], names[wrong], raw.rows[wrong], strict=True
        )
    ]
    raise InputError(
        Counted(
            "{count} code disagrees with the name beside it: {shown}; expected the code of the "
            "unit that the row names. Correct it, or take out the column that is wrong.",
            "{count} codes disagree with the names beside them: {shown}; expected the code of the "
            "unit that the row names. Correct them, or take out the column that is wrong.",
            count=int(wrong.sum()),
            shown=first_offenders(examples),
        )
    )


def check_level(columns: UnitColumns, units: pd.DataFrame, raw: RawTable) -> None:
    """Refuse rows of another level than the units, which may bear the same names."""
    level = level_of(units)
    if None not in {level, columns.level} and level != columns.level:
        values: Sequence[str] = _head(raw, columns.key).tolist()
        raise InputError(
            "the rows are units of level {found} by the column {column!r} (such as {shown}), and "
            "not of level {level}; expected one level. Take units of level {found} (--level "
            "{found}), or name another column with key= (--unit).",
            found=columns.level,
            column=columns.key,
            shown=first_offenders(values, 3),
            level=level,
        )


def level_of(units: pd.DataFrame | None) -> int | None:
    """Give the level of some units; None where there are none, or they are of no level."""
    known = units is not None and "level" in units and len(units) > 0
    return int(units["level"].iloc[0]) if known and units is not None else None


def refuse_without_units(raw: RawTable) -> NoReturn:
    """Refuse a table none of whose columns names units."""
    raise InputError(
        "the file has no column that names units: {shown}; expected P-codes or names of one "
        "level. Name the column with key= (--unit), or correct the names.",
        shown=first_offenders(raw.names),
    )


def _vintages() -> list[str]:
    """List the vintages of all countries, the latest first."""
    return sorted({year for frames in FRAMES.values() for year in frames}, reverse=True)
