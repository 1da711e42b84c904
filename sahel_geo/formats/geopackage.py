"""GeoPackages: which tables are layers, and what a database may not do when it is read."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pandas as pd

from sahel_geo.errors import FileError, first_offenders, saying_why
from sahel_geo.i18n.sentence import Sentence

MAX_CELLS: Final = 10_000_000
MAX_LAYER_BYTES: Final = 384 * 1024**2
_MAX_DEFAULT: Final = 200  # letters; a default is given out again for every row that lacks the cell
_MAX_TABLES: Final = 2_000
_UNDEFINED: Final = ("undefined", 'local_cs["undefined srs"')  # of the standard, and of GDAL
_FAULTS: Final = (
    sqlite3.Error, sqlite3.Warning, ArithmeticError, MemoryError, OSError, ValueError,
)  # fmt: skip
_STEPS: Final = 400_000_000  # of SQLite's machine, about ten seconds

_PLAIN_TABLES: Final = (
    "SELECT name, type, sql FROM sqlite_master WHERE type = 'table' "
    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT ?"
)
_IS_GEOPACKAGE: Final = "SELECT 1 FROM sqlite_master WHERE name = 'gpkg_contents'"


def layer_tables(file: Path, named: Path) -> tuple[str, ...]:
    """List the layers of a GeoPackage, after a check that reading one only reads its rows.

    Where none has shapes, its tables of attributes are its layers, and in a database that is no
    GeoPackage all of its tables. Views, virtual tables and computed columns run what the file's
    author wrote; layers made of them are refused.
    """
    with _database(file, named) as database:
        if database.execute(_IS_GEOPACKAGE).fetchone() is None:
            rows = database.execute(_PLAIN_TABLES, (_MAX_TABLES,)).fetchall()
        else:
            rows = database.execute(
                "SELECT c.table_name, m.type, m.sql, g.table_name FROM gpkg_contents c "
                "LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name "
                "LEFT JOIN sqlite_master m ON lower(m.name) = lower(c.table_name) "
                "WHERE (c.data_type = 'features' AND g.table_name IS NOT NULL) "
                "OR c.data_type = 'attributes' LIMIT ?",
                (_MAX_TABLES,),
            ).fetchall()
            shaped = [row[:3] for row in rows if row[3] is not None]
            rows = shaped or [row[:3] for row in rows]
        kinds = {str(name): (kind, str(sql)) for name, kind, sql in rows}
        computed = [
            name
            for name, (kind, sql) in kinds.items()
            if kind != "table" or not sql.upper().startswith("CREATE TABLE")
        ]
        computed += [name for name in kinds if name not in computed and _computes(database, name)]
    if computed:
        raise FileError(
            "{file!r} computes {number} of its layers when they are read: {shown}; expected plain "
            "tables. Save the layer as a new GeoPackage in a GIS.",
            file=str(named),
            number=len(computed),
            shown=first_offenders(computed),
        )
    return tuple(kinds)


def check_table(file: Path, table: str, named: Path) -> None:
    """Refuse a layer whose rows take too much memory."""
    with _database(file, named) as database:
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({_quoted(table)})")]
        parts = " + ".join(f"coalesce(length({_quoted(name)}), 0)" for name in columns)
        count, size = database.execute(
            f"SELECT count(*), total({parts}) FROM {_quoted(table)}"  # noqa: S608  quoted names
        ).fetchone()
    check_amount(named, int(count), len(columns), int(size))


def plain_rows(file: Path, table: str, named: Path) -> pd.DataFrame | None:
    """Read a table of a database that is no GeoPackage, without its blobs; None of a GeoPackage."""
    with _database(file, named) as database:
        if database.execute(_IS_GEOPACKAGE).fetchone():
            return None
        answer = database.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608  a quoted name
        names = [column[0] for column in answer.description]
        frame = pd.DataFrame(answer.fetchall(), columns=names)
    blobs = [name for name in names if frame[name].map(lambda cell: isinstance(cell, bytes)).any()]
    return frame.drop(columns=blobs)


def system_of(file: Path, table: str, named: Path) -> str:
    """Give the definition of a layer's reference system; empty where it is said to be undefined."""
    with _database(file, named) as database:
        row = database.execute(
            "SELECT shapes.srs_id, definition FROM gpkg_geometry_columns AS shapes "
            "LEFT JOIN gpkg_spatial_ref_sys AS systems ON systems.srs_id = shapes.srs_id "
            "WHERE lower(table_name) = lower(?)",
            (table,),
        ).fetchone()
    if row is None or str(row[1]).strip().lower().startswith(_UNDEFINED):
        return ""
    return str(row[1] or f"srs_id {row[0]}")


def check_amount(file: Path, rows: int, columns: int, size: int) -> None:
    """Refuse more cells or bytes than a table in memory should have."""
    if rows * max(columns, 1) > MAX_CELLS or size > MAX_LAYER_BYTES:
        raise FileError(
            "{file!r} holds a layer of {rows:,} rows, {columns:,} columns and {size:,} bytes; "
            "expected at most {max_cells:,} cells and {max_bytes:,} bytes. Simplify or cut it.",
            file=str(file),
            rows=rows,
            columns=columns,
            size=size,
            max_cells=MAX_CELLS,
            max_bytes=MAX_LAYER_BYTES,
        )


def _computes(database: sqlite3.Connection, table: str) -> bool:
    """Whether a table has generated columns, or defaults that make much of little."""
    columns = database.execute(f"PRAGMA table_xinfo({_quoted(table)})").fetchall()
    return any(
        hidden or len(str(default or "")) > _MAX_DEFAULT for *_, default, _, hidden in columns
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _database(file: Path, named: Path) -> Iterator[sqlite3.Connection]:
    """Open a database to read it alone, without functions of its own, for a bounded time."""
    with saying_why(
        "{file!r} cannot be read ({why}); expected {expected}. Download or write it again.",
        *_FAULTS,
        width=120,
        file=str(named),
        expected=Sentence("a GeoPackage"),
    ):
        address = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA cell_size_check = ON")
            database.text_factory = lambda text: text.decode("utf-8", "replace")
            database.set_progress_handler(lambda: True, _STEPS)
            yield database
