"""Damaged files, a target a reader: read, or refused with an error of ours, in both languages."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, damaged, feed, repacked, sound

# 600 take about twelve seconds a target; a few here, so that the tests of a change stay quick.
EXAMPLES = int(os.environ.get("SAHEL_GEO_FUZZ_EXAMPLES", "15"))

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # GDAL comments on what it reads
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.parametrize("name", TARGETS)
def test_a_sound_file_is_read(name):
    assert feed(name, sound(name))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), inside=st.booleans())
def test_a_damaged_file_raises_nothing_foreign(name, seed, inside):
    content, rng = sound(name), np.random.default_rng(seed)
    packed = inside and content.startswith(b"PK")
    feed(name, repacked(content, rng) if packed else damaged(content, rng))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=400))
def test_bytes_behind_the_right_mark_raise_nothing_foreign(name, content):
    feed(name, content)
    feed(name, sound(name)[:16] + content)
