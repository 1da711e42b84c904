"""What a notebook shows of a file that was read."""

import html

import sahel_geo as sg


def test_a_notebook_shows_the_report_and_the_quarantine_without_running_the_file(tmp_path):
    path = tmp_path / "evil.csv"
    path.write_text(
        "date,lat,lon,<b>place</b>\n2024-02-30,14,1,<script>alert(1)</script>\n"
        "2024-03-01,14.1,1.1,Dori\n" + "2024-13-01,14,1,x\n" * 12,
        encoding="utf-8",
    )
    incidents = sg.read_incidents(path)
    shown = incidents.quarantine._repr_html_()
    assert "la date n’existe pas" in html.unescape(shown)
    assert "the date does not exist" in shown
    assert "… + 3" in shown
    assert "<th>13</th>" in shown
    report = sg.quality_report(incidents, lang="en")._repr_html_()
    assert report.startswith('<table lang="en"')
    assert "13 set aside" in report
    for page in (shown, report):
        assert "<script>" not in page
        assert "<b>" not in page
    assert isinstance(incidents.quarantine.head(2), type(incidents.quarantine))


def test_a_toll_that_one_row_states_is_on_one_row(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text(
        "date,lat,lon,fatalities\n2024-02-01,14,1,7\n2024-03-01,14.1,1.1,\n", encoding="utf-8"
    )
    quality = sg.quality_report(sg.read_incidents(path))
    tolls = {lang: [value for _, value in quality.lines(lang)] for lang in ("fr", "en")}
    assert "7 (on 1 row)" in tolls["en"]
    assert "7 (sur 1 ligne)" in tolls["fr"]
