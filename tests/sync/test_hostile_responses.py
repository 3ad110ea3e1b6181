"""Huge, slow, compressed and deeply nested responses are refused within bounds of memory and time."""

import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from guilds.models import Guild
from outgoing.bounds import Bounds
from sync.blizzard.client import BlizzardClient
from sync.engine import http as transport
from sync.engine.errors import BadPayload, PayloadError, Unavailable
from sync.engine.json_body import MOST_VALUES, parse_object
from sync.engine.rate_limiter import Lane
from sync.engine.redact import LOOKED_AT, excerpt
from sync.models import BlizzardJob
from sync.wow.provider import client_for
from tests.battlenet import Sandbox
from tests.sync.ground_truth import our_roster
from tests.sync.working import run_roster

GUILD = ("eu", "tarn-hollow", "gravel-orchard")
GUILD_PATH = "/data/wow/guild/tarn-hollow/gravel-orchard"
MEGABYTE = 2**20


def memory_of(call: Callable[[], object]) -> int:
    """Return the most memory (bytes) that Python took during the call."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("huge", 200, "larger than 8388608 bytes"),
        ("huge", 503, "larger than 8388608 bytes"),
        ("gzip_bomb", 200, "larger than 8388608 bytes"),
        ("deflate_bomb", 200, "larger than 8388608 bytes"),
        ("nested", 200, "nested too deeply"),
    ],
)
def test_a_body_that_would_fill_the_memory_is_refused(
    battlenet: BlizzardClient, sandbox: Sandbox, body: str, status: int, reason: str
) -> None:
    battlenet.guild(*GUILD)
    sandbox.fault(path=GUILD_PATH, body=body, status=status)

    def refused() -> None:
        with pytest.raises(BadPayload, match=reason) as raised:
            battlenet.guild_roster(*GUILD)
        assert (raised.value.status, raised.value.where) == (status, f"{GUILD_PATH}/roster")

    assert memory_of(refused) < 24 * MEGABYTE
    sandbox.clear_faults()
    assert battlenet.guild(*GUILD).name == "Gravel Orchard"


@pytest.fixture
def half_a_second(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlizzardClient]:
    """A client that gives a response half a second."""
    monkeypatch.setattr(transport, "BOUNDS", Bounds(size=MEGABYTE, seconds=0.5))
    client_for.cache_clear()
    client = client_for(Lane.INTERACTIVE)
    client.realms("eu")
    yield client
    client_for.cache_clear()


def test_a_body_that_comes_byte_by_byte_is_given_up(half_a_second: BlizzardClient, sandbox: Sandbox) -> None:
    sandbox.fault(path=GUILD_PATH, body="drip")
    with pytest.raises(Unavailable):
        half_a_second.guild(*GUILD)
    sandbox.clear_faults()
    assert half_a_second.guild(*GUILD).name == "Gravel Orchard"


@pytest.fixture
def dripping_headers() -> Iterator[str]:
    """Run a server whose headers come byte by byte and never end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        is_over = threading.Event()

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while not is_over.wait(0.05):
                    try:
                        connection.sendall(b"a")
                    except OSError:
                        return

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        is_over.set()
        thread.join(5)


def test_headers_that_come_byte_by_byte_are_given_up(
    half_a_second: BlizzardClient, dripping_headers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(half_a_second, "_api_url", dripping_headers)
    with pytest.raises(Unavailable):
        half_a_second.guild(*GUILD)


@pytest.mark.parametrize("body", ["huge", "gzip_bomb", "nested"])
def test_a_roster_stays_when_its_next_answer_is_refused(
    sandbox: Sandbox, roster_of: Callable[..., Guild], body: str
) -> None:
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    Guild.objects.update(last_modified=None)
    before = our_roster(guild)
    sandbox.fault(path="/data/wow/guild/quillmarsh/second-kettle/roster", body=body)
    run_roster(guild.pk)
    assert our_roster(guild) == before
    assert BlizzardJob.objects.get(guild=guild).error_kind == "bad_payload"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[" * 100_000, "nested"),
        (b'{"a":' * 100_000, "nested"),
        (b'{"a":[' + b'{"":0},' * MOST_VALUES + b"0]}", "values"),
        (b'{"a":NaN}', "NaN for a number"),
        (b'{"a":-Infinity}', "-Infinity for a number"),
        (b'{"a":' + b"1" * 5_000 + b"}", "not JSON"),
        ('{"a":1}'.encode("utf-16"), "not JSON"),
        (b"[]", "not an object"),
        (b"", "not JSON"),
    ],
)
def test_json_out_of_bounds_is_refused(body: bytes, reason: str) -> None:
    def refused() -> None:
        with pytest.raises(PayloadError, match=reason):
            parse_object(body)

    assert memory_of(refused) < len(body) + MEGABYTE


def test_an_excerpt_of_a_large_body_costs_no_more_than_one_of_a_small_body() -> None:
    """Without a limit, each of these would take hours."""
    assert excerpt(b"<" * 8 * MEGABYTE, []).count("<") == 120
    assert excerpt(b"<script>" * MEGABYTE, []) == ""


@pytest.mark.parametrize("place", range(LOOKED_AT - 20, LOOKED_AT + 1))
def test_an_excerpt_does_not_end_with_half_a_secret(place: int) -> None:
    secret = "s3cretWord"
    body = b"<p " + b"." * (place - 13) + b"> Sorry, " + secret.encode() + b" was refused"
    assert "s3c" not in excerpt(body, [secret])
