"""Examples and functions that run without any network, not even to this machine."""

import socket
from functools import wraps
from pathlib import Path
from unittest import mock

import pytest

import sahel_geo as sg

PACKAGE = Path(sg.__file__).parent
OPENERS = ("socket", "create_connection", "getaddrinfo")


def is_example(item):
    """Tell whether a test is an example of the package itself."""
    return isinstance(item, pytest.DoctestItem) and item.path.is_relative_to(PACKAGE)


def closed(error):
    """Let whatever opens a socket inside a `with` fail with an error."""
    return mock.patch.multiple(socket, **dict.fromkeys(OPENERS, mock.Mock(side_effect=error)))


def without_network(job):
    """Let a job fail that opens a socket."""

    @wraps(job)
    def run(*arguments, **options):
        with closed(AssertionError("the network was used")):
            return job(*arguments, **options)

    return run
