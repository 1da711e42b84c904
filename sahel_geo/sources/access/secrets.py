"""Keys of sources: from the environment, a file of mode 0600, or the system's keyring."""

import base64
import logging
import os
import stat
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus

import platformdirs

from sahel_geo.errors import why
from sahel_geo.sources.access.errors import SourceError

KEYS_VARIABLE: Final = "SAHEL_GEO_KEYS"
KEYRING_SERVICE: Final = "sahel_geo"
_HIDDEN: Final = "[…]"
_SHORTEST: Final = 4  # letters; hiding anything shorter would hide half of a text
# Who may write an address with a key in it, or an exception that quotes one, into a log.
_TALKATIVE: Final = (
    *("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection", "pooch"),
    *("requests_cache", "requests_cache.session", "requests_cache.backends.base"),
    *("requests_cache.policy.actions", "requests_cache.cache_keys", "filelock"),
)
_known: set[str] = set()


class Secret:
    """A key or password that shows itself only when asked to.

    value: The secret.

    >>> Secret("open sesame")
    Secret([…])
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        coded = base64.b64encode(value.encode()).decode()
        spellings = {value, quote(value, safe=""), quote_plus(value), coded, quote(coded, safe="")}
        _known.update(each for each in spellings if len(each) >= _SHORTEST)
        # See to it that no library writes a secret into a log.
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(_FILTER)  # adding it again changes nothing

    def __repr__(self) -> str:
        return f"Secret({_HIDDEN})"

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not to be stored")

    def reveal(self) -> str:
        """Give the secret, to be sent and nothing else."""
        return self._value


def without_secrets(text: str) -> str:
    """Hide every secret used so far in a text, as ``[…]``.

    >>> _ = Secret("open sesame")
    >>> without_secrets("the key open sesame is wrong")
    'the key […] is wrong'
    """
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


def holds_secret(content: bytes) -> bool:
    """Whether bytes hold a secret used so far."""
    return any(secret.encode() in content for secret in _known)


def find_secret(name: str) -> Secret | None:
    """Look for a key: environment, then the file of keys, then the system's keyring.

    name: Name of the variable, such as ``"ACLED_PASSWORD"``.

    The file is ``keys.toml`` in the user's configuration folder, or what ``SAHEL_GEO_KEYS`` names;
    it holds lines such as ``ACLED_PASSWORD = "..."``. The keyring is asked for the service
    ``sahel_geo`` if the package keyring is installed.
    """
    value = os.environ.get(name) or _from_file(name) or _from_keyring(name)
    return Secret(value.strip()) if value and value.strip() else None


def keys_file() -> Path:
    """Tell where the file of keys is looked for."""
    named = os.environ.get(KEYS_VARIABLE)
    return Path(named) if named else platformdirs.user_config_path("sahel_geo") / "keys.toml"


def _from_file(name: str) -> str | None:
    path = keys_file()
    if not path.is_file():
        return None
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SourceError(
            "the file of keys {path!r} can be read by others; expected mode 0600. "
            "Run: chmod 600 {path}",
            path=str(path),
        )
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8")).get(name)
    except OSError as error:
        raise SourceError("cannot read {file!r}: {why}.", file=str(path), why=why(error)) from None
    except ValueError:  # its message would quote a line of the file
        raise SourceError(
            'the file of keys {path!r} is no TOML; expected lines such as {name} = "...". '
            "Correct it.",
            path=str(path),
            name=name,
        ) from None
    return value if isinstance(value, str) else None


def _from_keyring(name: str) -> str | None:
    try:
        keyring: Any = import_module("keyring")
    except ImportError:
        return None
    try:
        value = keyring.get_password(KEYRING_SERVICE, name)
    except Exception:  # noqa: BLE001  a keyring that is locked or absent is none, whatever it raises
        return None
    return value if isinstance(value, str) else None


class _WithoutSecrets(logging.Filter):
    """Hides secrets in what other libraries write into a log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_secrets(record.getMessage()), None
        if record.exc_info:
            record.exc_text = without_secrets(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


_FILTER: Final = _WithoutSecrets()
