"""How tables show themselves in a notebook: a few words, and the first rows."""

from html import escape
from typing import Final

import pandas as pd

_ROWS: Final = 10
_COLUMNS: Final = 16


def table_html(words: str, table: pd.DataFrame) -> str:
    """Write a sentence and the first rows of a table.

    Parameters
    ----------
    words : str
        What the table is; escaped.
    table : DataFrame, n rows
        Names and values are escaped; geometry is left out.

    Returns
    -------
    str
        HTML of at most ten rows and sixteen columns, and how many more there are.

    Examples
    --------
    >>> "2 < 3" in table_html("2 < 3", pd.DataFrame({"a": [1]}))
    False
    """
    plain = pd.DataFrame(table)
    kept = [name for name in plain if str(plain[name].dtype) != "geometry"][:_COLUMNS]
    first = plain[kept].head(_ROWS)
    html = first.to_html(border=0, escape=True, na_rep="", float_format=lambda v: f"{v:.4g}")
    left = len(plain) - len(first)
    more = f"<p>… + {left}</p>" if left else ""
    return f'<p>{escape(words)}</p><div style="overflow-x:auto">{html}</div>{more}'
