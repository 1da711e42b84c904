"""Words and keys of names, and the dialects of P-codes."""

import pytest

from sahel_geo.places.spelling import KEYS, key, pcode_forms, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Département de Téra", "tera"),
        ("Commune rurale de Tessit", "tessit"),
        ("Région de la Boucle du Mouhoun", "boucle du mouhoun"),
        ("Gao Région", "gao"),
        ("Dosso commune urbaine", "dosso"),
        ("Ville de Gao (commune urbaine)", "gao"),
        ("Mali (le)", "mali"),
        ("La Tapoa", "la tapoa"),  # an article is part of a name without a kind
        ("Tapoa de la", "tapoa de la"),
        ("Fada N’Gourma Ville", "fada ngourma"),
        ("Commune", "commune"),  # the kind alone is all there is
        ("Commune rurale", "rurale"),
        ("Région de", "de"),
        ("Région de la", "la"),
        ("Cercle de " + "Ménaka " * 40, "menaka " * 40),
        ("()", ""),
        ("", ""),
    ],
)
def test_the_kind_of_a_unit_is_left_off_at_both_ends_but_never_the_name(name, words):
    assert words_of(name) == words.split()


def test_keys():
    assert key("Œuvre-d'Or") == "oeuvredor"
    assert KEYS["whole name"]("Ville de Tahoua") == "villedetahoua"
    assert KEYS["word order"]("b A") == "a b"
    assert KEYS["sound"]("Tchintabaraden") == KEYS["sound"]("Cintabaraden")


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("MLI010", ["ML010", "ML10"]),
        ("ml 009/001", ["ML009001", "ML0901"]),
        ("BF012345", ["BF012345"]),  # 01, 23, 45; 345 is no number of two digits
        ("BF100200", ["BF100200"]),
        ("BF560102", ["BF560102"]),
        ("BF056001002", ["BF056001002", "BF560102"]),
        ("NE6", []),
        ("NE06", ["NE06", "NE006"]),
        ("NE006", ["NE006"]),
        ("XX01", []),
        ("ML01x", []),
        ("ML" + "01" * 5, []),
        ("", []),
    ],
)
def test_codes_of_two_digits_a_level_and_of_three(text, forms):
    assert pcode_forms(text) == forms


@pytest.mark.parametrize("level", [1, 2, 3])
def test_every_unit_is_found_under_the_other_dialect_of_its_code(units, level):
    for row in units[level][["unit_id", "country"]].itertuples():
        digits, width = row.unit_id[2:], 3 if row.country == "NER" else 2
        assert row.unit_id[:2] == {"MLI": "ML", "NER": "NE", "BFA": "BF"}[row.country]
        parts = [digits[start : start + width] for start in range(0, len(digits), width)]
        if all(int(part) < 100 for part in parts):
            other = "".join(f"{int(part):0{5 - width}d}" for part in parts)
            for prefix in (row.unit_id[:2], row.country):
                assert row.unit_id in pcode_forms(prefix + other)
        assert pcode_forms(f"{row.country}-{'-'.join(parts)}")[0] == row.unit_id
