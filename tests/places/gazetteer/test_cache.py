"""The tables kept of a gazetteer."""

import numpy as np
import pandas as pd

from sahel_geo.places.gazetteer.gazetteer import _cached_tables, _store_tables


def test_a_damaged_cache_is_made_again_and_never_believed(tmp_path):
    source = tmp_path / "places.csv"
    source.write_text("name,lon,lat\nTessit,0.4,15.2\nInates,1.2,14.9\n", encoding="utf-8")
    home = tmp_path / "cache"
    tables = tuple(pd.DataFrame({"name": [name, "x"], "n": [1, 2]}) for name in "abcd")
    _store_tables(tables, [source], None, home)
    assert _cached_tables([source], None, home)[0].equals(tables[0])
    rng = np.random.default_rng(3)
    files = sorted(home.iterdir())
    for turn in range(120):
        file = files[turn % len(files)]
        whole = file.read_bytes()
        content = bytearray(whole)
        content[int(rng.integers(len(content)))] ^= int(rng.integers(1, 256))
        file.write_bytes(content)
        found = _cached_tables([source], None, home)
        assert found is None or all(a.equals(b) for a, b in zip(found, tables, strict=True))
        file.write_bytes(whole)
    files[0].write_bytes(b"[" * 100_000)
    assert _cached_tables([source], None, home) is None
