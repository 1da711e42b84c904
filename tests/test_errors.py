"""What every message says that refuses a table."""

import pandas as pd
import pytest

from sahel_geo.errors import InputError, require_columns


def test_a_missing_column_is_named_with_those_there_are_and_the_nearest():
    table = pd.DataFrame({"unit": ["A"], "incident": [1]})
    with pytest.raises(InputError, match=r"`table` has no column \['incidents'\]; it has") as error:
        require_columns(table, "table", ("unit", "incidents"), "Count first.")
    assert str(error.value).endswith("Count first. Did you mean 'incident'?")
    require_columns(table, "table", ("unit", "incident"))
