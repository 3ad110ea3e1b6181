"""Ports of the loopback interface."""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from embedded.errors import StartError

LOOPBACK = "127.0.0.1"
# Below the range of ephemeral ports, so that a kept port stays free.
CANDIDATES = range(20_000, 32_000)
# Connections that can wait for the site while its processes are restarted, as many as gunicorn's default.
BACKLOG = 2048


def is_free(port: int) -> bool:
    """Return whether a server can listen on the port now."""
    with socket.socket() as probe:
        # Like the servers do: lingering connections of an earlier run do not count as in use.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


@contextmanager
def listen(variable: str, port: int) -> Iterator[socket.socket]:
    """Yield a socket that listens on the port; raise an error that names its variable if it is taken."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError as error:
            raise taken(variable, port) from error
        listener.listen(BACKLOG)
        yield listener


def taken(variable: str, port: int) -> StartError:
    """Return the error about a port that another program uses."""
    return StartError(f"Port {port} is taken by another program: end it, or choose another by {variable}=.")


def choose() -> int:
    """Return a random free port, so that checkouts that start in parallel rarely collide."""
    for port in random.sample(CANDIDATES, 200):
        if is_free(port):
            return port
    raise StartError(f"No free port found on {LOOPBACK} between {CANDIDATES.start} and {CANDIDATES.stop}.")
