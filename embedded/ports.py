"""Ports of the loopback interface."""

import random
import socket

from embedded.errors import StartError

LOOPBACK = "127.0.0.1"
# Below the range that kernels hand out for outgoing connections, so that a remembered port stays ours.
CANDIDATES = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        # As the servers do: connections of an earlier run that linger do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose() -> int:
    """A free port, at random, so that two checkouts that start at once hardly meet."""
    for port in random.sample(CANDIDATES, 200):
        if is_free(port):
            return port
    raise StartError(f"No free port found on {LOOPBACK} between {CANDIDATES.start} and {CANDIDATES.stop}.")
