"""A server on loopback, an empty cache, no keys, and no pauses."""

from types import SimpleNamespace

import pooch.core
import pytest

from sahel_geo.sources.access import session
from tests.loopback.server import Loopback

KEYS = (
    *("UCDP_TOKEN", "ACLED_EMAIL", "ACLED_PASSWORD", "HAPI_EMAIL", "DTM_KEY"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Folders of this test alone."""
    monkeypatch.setenv("SAHEL_GEO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SAHEL_GEO_KEYS", str(tmp_path / "keys.toml"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Pauses and backoff take no time; how long they would be is tested apart."""
    monkeypatch.setattr(session, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(session, "BACKOFF_SECONDS", 0.0)
    monkeypatch.setattr(pooch.core, "time", SimpleNamespace(sleep=lambda _: None))


@pytest.fixture
def server():
    """A server that answers 404 until it is told what to say."""
    with Loopback() as running:
        yield running
