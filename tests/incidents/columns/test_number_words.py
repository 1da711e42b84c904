"""Numbers in words: every one of both languages, as a grammar of its own writes them."""

import pytest

from sahel_geo.incidents.columns.number_words import in_digits

FRENCH = ["zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
          "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit",
          "dix-neuf"]  # fmt: skip
FRENCH_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
           "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
           "eighteen", "nineteen"]  # fmt: skip
ENGLISH_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_french(number):
    """Write a number as the Académie does."""
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        lead = "mille" if thousands == 1 else f"{in_french(thousands)} mille"
        return f"{lead} {in_french(rest)}" if rest else lead
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        lead = "cent" if hundreds == 1 else f"{FRENCH[hundreds]} cent"
        return f"{lead} {in_french(rest)}" if rest else lead + "s" * (hundreds > 1)
    if number < 20:
        return FRENCH[number]
    if number >= 80:
        return f"quatre-vingt-{FRENCH[number - 80]}" if number > 80 else "quatre-vingts"
    tens = min(number // 10 * 10, 60)
    if number == tens:
        return FRENCH_TENS[tens]
    joined = " et " if number % 10 == 1 else "-"
    return f"{FRENCH_TENS[tens]}{joined}{FRENCH[number - tens]}"


def in_english(number):
    """Write a number as in London, with "and" before what is below a hundred."""
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        joined = " and " if 0 < rest < 100 else " "
        lead = f"{in_english(thousands)} thousand"
        return f"{lead}{joined}{in_english(rest)}" if rest else lead
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        lead = f"{ENGLISH[hundreds]} hundred"
        return f"{lead} and {in_english(rest)}" if rest else lead
    if number < 20:
        return ENGLISH[number]
    tens, ones = divmod(number, 10)
    return ENGLISH_TENS[tens - 2] + (f"-{ENGLISH[ones]}" if ones else "")


@pytest.mark.parametrize("write", [in_french, in_english])
def test_every_number_from_two_to_9999(write):
    for number in range(2, 10_000):
        words = write(number)
        assert in_digits(words) == str(number), words
        assert in_digits(f"plus de {words} morts") == f"plus de {number} morts", words


def test_other_spellings():
    for number in range(2, 1000):
        assert in_digits(in_french(number).replace(" ", "-")) == str(number)  # since 1990
        assert in_digits(in_english(number).replace(" and ", " ")) == str(number)  # in America
    assert in_digits("vingt et une, septante et un, nonante-neuf") == "21, 71, 99"
    assert in_digits("a hundred and one, a thousand") == "101, 1000"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("un ou deux cents", "100 ou 200"), ("one to three thousand", "1000 to 3000"),
        ("entre deux et trois mille", "entre 2000 et 3000"), ("2 a 3 dizaines", "20 a 30"),
        ("deux et trois mille", "2 et 3000"), ("trois ou deux cents", "3 ou 200"),
        ("deux ou deux cents", "2 ou 200"), ("zero ou deux cents", "0 ou 200"),
        ("deux ou trois morts", "2 ou 3 morts"), ("soldats ou deux cents", "soldats ou 200"),
    ],
)  # fmt: skip
def test_both_ends_of_a_span_share_what_counts_the_second(text, digits):
    assert in_digits(text) == digits


def test_what_is_no_number_stays():
    for text in ("un civil", "one of them", "une trentaine de blesses", "des dizaines",
                 "l'un des siens", "centre", "sixieme", "onzieme", "a mort", "cents"):  # fmt: skip
        assert in_digits(text) == text
    assert in_digits("vingt et une trentaine") == "20 et une trentaine"


def test_tens_and_teens_together_are_no_number():
    assert in_digits("vingt-onze, soixante-onze, trente-dix") == "20-11, 71, 30-10"
    assert in_digits("twenty-ten, twenty-nine") == "20-10, 29"


def test_a_one_behind_a_ten_may_be_female():
    assert in_digits("quatre-vingt-une, trente-une") == "81, 31"
