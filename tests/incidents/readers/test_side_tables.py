"""A small table beside the rows is no part of them."""

import pandas as pd
import pytest

import sahel_geo as sg


def write(path, beside, rows=6):
    """Write rows of incidents, and beside them, behind a blank column, something else."""
    main = pd.DataFrame({"Date": [f"2024-03-{day:02}" for day in range(1, rows + 1)],
                         "Localité": ["Gao"] * rows})  # fmt: skip
    sheet = pd.concat([main, pd.Series([None] * rows, name=""), pd.DataFrame(beside)], axis=1)
    if path.suffix == ".csv":
        sheet.to_csv(path, index=False)
    else:
        sheet.to_excel(path, index=False)
    return sg.read_incidents(path)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_summary_beside_the_rows_is_not_read_as_theirs(tmp_path, suffix):
    found = write(tmp_path / f"a.{suffix}", {"Région": ["Mopti", "Gao"], "Morts": [12, 30]})
    assert found["fatalities_best"].isna().all()
    assert "admin1" not in found or found["admin1"].isna().all()
    assert any("beside the table" in str(note) for note in found.report.notes)


@pytest.mark.parametrize(
    "beside",
    [{"Morts": [1, 2, 3, 4, 5, 6]}, {"Morts": [None, 2, None, 4, None, None]},
     {"Morts": [1, 2, 3, 4, None, None]}],
)  # fmt: skip
def test_columns_of_the_incidents_behind_a_blank_one_are_read(tmp_path, beside):
    found = write(tmp_path / "a.csv", beside)
    assert found["fatalities_best"].tolist() == pytest.approx(
        [float("nan") if each is None else each for each in beside["Morts"]], nan_ok=True
    )


def test_coordinates_of_the_first_rows_are_read(tmp_path):
    found = write(tmp_path / "a.csv", {"Latitude": [16.2, 16.3], "Longitude": [-0.04, 0.1]})
    assert found["lon"].notna().sum() == 2
