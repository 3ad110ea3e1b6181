import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.drills.embedded.checkouts import Checkout


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


@contextmanager
def created() -> Iterator[Checkout]:
    """Create a checkout below a folder of mode 700, with free ports for its site."""
    parent = Path(tempfile.mkdtemp(prefix="guildsite-"))
    variables = {"PORT": free_port(), "SANDBOX_PORT": free_port()}
    yield Checkout(parent / "with a space", variables=variables).create()
    mode = parent.stat().st_mode & 0o777
    shutil.rmtree(parent)
    assert mode == 0o700


@contextmanager
def stopped_afterwards(checkout: Checkout) -> Iterator[Checkout]:
    """Stop the servers of a checkout, and assert that none of its processes is left."""
    yield checkout
    if checkout.command_lines():
        checkout.run("down")
    assert checkout.command_lines() == []


@pytest.fixture(scope="session")
def old_checkout() -> Iterator[Checkout]:
    with created() as checkout:
        yield checkout


@pytest.fixture
def checkout(old_checkout: Checkout) -> Iterator[Checkout]:
    """Return a checkout in which servers can have run before, because creating the data takes long."""
    with stopped_afterwards(old_checkout) as checkout:
        yield checkout


@pytest.fixture
def fresh_checkout() -> Iterator[Checkout]:
    """Return a checkout in which nothing ever ran."""
    with created() as checkout, stopped_afterwards(checkout):
        yield checkout
