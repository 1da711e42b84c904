"""Examples and functions that run without any network, not even to this machine."""

import socket
from functools import wraps
from unittest import mock

OPENERS = ("socket", "create_connection", "getaddrinfo")


def without_network(job):
    """Let whatever opens a socket while a job runs fail."""

    @wraps(job)
    def run(*arguments, **options):
        refuse = mock.Mock(side_effect=AssertionError("the network was used"))
        with mock.patch.multiple(socket, **dict.fromkeys(OPENERS, refuse)):
            return job(*arguments, **options)

    return run
