"""Formats of publishers: each is known by its columns, and its codes are those of its book."""

import pytest

from sahel_geo.incidents.columns import profiles
from sahel_geo.incidents.columns.profiles import Profile

PUBLISHERS = (
    profiles.UCDP, profiles.ACLED, profiles.GDELT, profiles.ICEWS, profiles.GTD, profiles.SCAD,
    profiles.POLECAT,
)  # fmt: skip


@pytest.mark.parametrize("profile", PUBLISHERS, ids=lambda profile: profile.name)
def test_a_format_is_known_by_any_of_its_sets_of_columns_and_by_no_fewer(profile):
    for signature in profile.signature:
        names = sorted(signature)
        assert Profile.of(names) is profile
        assert Profile.of([*names, "notes"]) is profile
        spelled = [name.upper().replace(" ", "_") for name in names]
        assert Profile.of([f"#!{spelled[0]}", *(f" {name} " for name in spelled[1:])]) is profile
        for at in range(len(names)):
            assert Profile.of(names[:at] + names[at + 1 :]) is profiles.TABLE


@pytest.mark.parametrize("profile", PUBLISHERS, ids=lambda profile: profile.name)
def test_its_columns_are_found_however_they_are_spelled(profile):
    for spell in (str, str.upper, lambda name: name.replace(" ", "_"), lambda name: f" {name}"):
        names = [spell(column) for column in {*profile.columns.values(), "notes"}]
        found = profile.columns_in(names)
        assert found == {target: spell(column) for target, column in profile.columns.items()}
    assert profile.columns_in(["notes"]) == {}


def test_columns_that_a_publisher_has_under_other_names_in_other_files():
    def acled(*names):
        return profiles.ACLED.columns_in(names)

    both = {"incident_id": "data_id", "source_id": "data_id"}
    assert acled("data_id", "iso3") == {**both, "country": "iso3"}
    assert acled("event_id_cnty", "data_id") == dict.fromkeys(both, "event_id_cnty")
    assert acled("country", "iso3") == {"country": "country"}
    assert profiles.UCDP.columns_in(["data_id", "iso3", "day"]) == {}
    assert profiles.GDELT.columns_in(["Day"]) == {"date": "Day"}
    assert profiles.GDELT.columns_in(["Day", "SQLDATE"]) == {"date": "SQLDATE"}
    assert profiles.SCAD.columns_in(["day"]) == {}


def test_the_first_of_two_columns_of_one_name_counts():
    assert profiles.ACLED.columns_in(["Country", "COUNTRY"]) == {"country": "Country"}
    assert profiles.ICEWS.columns_in(["event_date", "Event Date"])["date"] == "Event Date"


def test_what_the_codebooks_say_of_numbers():
    """GTD: -9 and -99 are not known. SCAD: -77, -88 and -99 are, and its wars are no events."""
    absent = {profile.name: set(profile.missing_numbers) for profile in PUBLISHERS}
    assert {-9, -99} == absent["gtd"]
    assert {-77, -88, -99} <= absent["scad"]
    assert max(max(numbers, default=-1) for numbers in absent.values()) < 0  # no toll is negative
    assert [profile.name for profile in PUBLISHERS if profile.placeholders] == ["scad"]
    assert [profile.name for profile in PUBLISHERS if profile.toll_of_event] == ["scad"]
    assert [profile.name for profile in PUBLISHERS if profile.trusted_fatalities] == ["ucdp-ged"]
    plain = profiles.TABLE
    assert {plain.placeholders, plain.toll_of_event, plain.trusted_fatalities} == {False}


def test_events_of_acled_without_their_identifiers_keep_the_meaning_of_their_codes():
    names = ["event_date", "time_precision", "sub_event_type", "geo_precision", "fatalities"]
    assert Profile.of(names) is profiles.ACLED
