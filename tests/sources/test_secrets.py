"""Keys: where they are looked for, and that they are shown nowhere."""

import copy
import pickle
import sys
import types

import pytest

from sahel_geo.sources import SourceError
from sahel_geo.sources.access.secrets import Secret, find_secret, keys_file, without_secrets


def test_the_environment_comes_first_then_the_file_then_the_keyring(monkeypatch):
    keyring = types.ModuleType("keyring")
    keyring.get_password = lambda service, name: f"ring-{service}-{name}"
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert find_secret("TOY_KEY").reveal() == "ring-sahel_geo-TOY_KEY"
    keys_file().write_text('TOY_KEY = "from-the-file"\n')
    keys_file().chmod(0o600)
    assert find_secret("TOY_KEY").reveal() == "from-the-file"
    monkeypatch.setenv("TOY_KEY", " from-the-environment \n")
    assert find_secret("TOY_KEY").reveal() == "from-the-environment"


def test_a_key_that_is_nowhere_is_none():
    assert find_secret("TOY_KEY") is None


def test_a_keyring_that_fails_is_none(monkeypatch):
    def locked(*_):
        raise RuntimeError("locked")

    keyring = types.ModuleType("keyring")
    keyring.get_password = locked
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert find_secret("TOY_KEY") is None
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert find_secret("TOY_KEY") is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_of_keys_that_others_can_read_is_refused(mode):
    keys_file().write_text('TOY_KEY = "toy-key-in-file"\n')
    keys_file().chmod(mode)
    with pytest.raises(SourceError, match=r"expected mode 0600. Run: chmod 600") as caught:
        find_secret("TOY_KEY")
    assert "toy-key-in-file" not in str(caught.value)


def test_a_broken_file_of_keys_is_not_quoted():
    keys_file().write_text("TOY_KEY = toy-key-without-quotes\n")
    keys_file().chmod(0o600)
    with pytest.raises(SourceError, match="is no TOML") as caught:
        find_secret("TOY_KEY")
    error = caught.value
    while error is not None:
        assert "without-quotes" not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_a_secret_shows_itself_in_no_way():
    secret = Secret("toy secret & more")
    assert "toy secret" not in f"{secret} {secret!r} {[secret]} {vars(type(secret)).keys()}"
    for way in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="not to be stored"):
            way(secret)
    told = "a=toy%20secret%20%26%20more b=toy+secret+%26+more c=dG95IHNlY3JldCAmIG1vcmU= d"
    assert without_secrets(told) == "a=[…] b=[…] c=[…] d"
