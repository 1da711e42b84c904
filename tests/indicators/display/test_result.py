"""How a result shows itself in a notebook."""

from dataclasses import dataclass

import pandas as pd
import pytest

from sahel_geo.errors import InputError, require_choice, require_language
from sahel_geo.i18n.cldr import decimal
from sahel_geo.indicators.display.plotting import axes
from sahel_geo.indicators.display.result import Result


@dataclass(frozen=True)
class Hostile(Result):
    table: pd.DataFrame
    drawable: bool = True

    def sentence(self, lang="fr"):
        return "<script>alert(1)</script> " + lang

    def plot(self, ax=None):
        if not self.drawable:
            raise InputError("`table` is empty; expected rows. Give some.")
        ax = axes(ax)
        ax.plot([0, 1], [0, 1])
        ax.set_title("<b>title</b>")
        return ax


TABLE = pd.DataFrame({"<i>name</i>": ["<img src=x onerror=alert(1)>"] * 30, "x": 0.123456789})


def test_a_notebook_shows_both_sentences_the_picture_and_the_first_rows_escaped():
    html = Hostile(TABLE)._repr_html_()
    assert '<p lang="fr">&lt;script&gt;' in html
    assert '<p lang="en">&lt;script&gt;' in html
    assert "data:image/svg+xml;base64," in html
    for forbidden in ("<script>", "<img src=x", "<i>name"):
        assert forbidden not in html
    assert html.count("<tr>") == 12
    assert "… + 18" in html
    assert "0.1235" in html


def test_the_same_result_gives_the_same_bytes():
    assert Hostile(TABLE)._repr_html_() == Hostile(TABLE)._repr_html_()


def test_a_result_with_nothing_to_draw_shows_its_words():
    html = Hostile(TABLE.head(0), drawable=False)._repr_html_()
    assert "base64" not in html
    assert '<p lang="en">' in html


def test_a_language_that_is_not_spoken_is_refused_for_every_sentence():
    for refused in (
        lambda: Hostile(TABLE).sentence("de"),
        lambda: Hostile(TABLE).sentence(lang="de"),
    ):
        with pytest.raises(InputError, match=r"`lang` is 'de'; expected one of \['fr', 'en'\]"):
            refused()
    with pytest.raises(InputError, match="`lang` is 'de'"):
        axes(lang="de")
    assert Hostile(TABLE).sentence().endswith("fr")


def test_a_value_that_an_argument_does_not_take_is_refused_in_both_languages():
    require_choice("kernel", "quartic", ("gaussian", "quartic"))
    with pytest.raises(
        InputError, match=r"`kernel` is 'box'; expected one of \['gaussian'\]"
    ) as error:
        require_choice("kernel", "box", ("gaussian",))
    assert error.value.say("fr").startswith("`kernel` vaut 'box'")


def test_numbers_and_languages():
    assert decimal(28.81, "fr") == "28,8"
    assert decimal(28.85, "en", 2) == "28.85"
    with pytest.raises(InputError, match="`lang` is 'de'"):
        require_language("de")
