"""A provider needs only its declaration: a fictitious game with its own API, limits and jobs."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import IO, Any

import pytest
import redis
from django.conf import settings as site
from django.db import connection, models
from django.test import Client
from requests import codes

from accounts.models import User
from accounts.services import grant_admin
from outgoing.bounds import Bounds
from sync.engine import kinds, providers, transitions
from sync.engine.claims import Claim
from sync.engine.dispatch import dispatch
from sync.engine.errors import ApiError, BadPayload, Forbidden, Paused, RateLimited, Unavailable
from sync.engine.http import Answer, ResponseReader, Transport, if_modified_since
from sync.engine.jobs import Job
from sync.engine.kinds import JobKind
from sync.engine.protocols import RequestInfo, Subject, SubjectPause
from sync.engine.providers import Provider
from sync.engine.rate_limiter import SECOND, Lane, RateLimiter, Window
from sync.tasks import run_jobs
from tests.battlenet import Sandbox

API_KEY = "an api key that nobody must see"
INVENTORY = "/person/{id}/inventory"
ATLAS = "/atlas"
MODIFIED = "Sat, 21 Nov 2026 12:00:00 GMT"
PAUSES = {"hasty": 0.1, "slow": 1.0}


# --- the game's API ---------------------------------------------------------------------------------------------------


@dataclass
class Moonforge:
    """The API, which answers requests with the next of `answers`, or with an inventory."""

    answers: list[tuple[int, bytes]] = field(default_factory=list)
    received: list[tuple[float, str]] = field(default_factory=list)
    # Bytes of a body that are announced and never sent.
    missing: int = 0
    url: str = ""

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        self.received.append((time.monotonic(), handler.path))
        status, body = self.answers.pop(0) if self.answers else (200, b'{"items": [1, 2, 3]}')
        if handler.headers["X-API-Key"] != API_KEY:
            status = 401
        elif handler.headers["If-Modified-Since"] == MODIFIED:
            status, body = 304, b""
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) + self.missing))
        handler.send_header("Last-Modified", MODIFIED)
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = self.missing > 0


@pytest.fixture
def moonforge() -> Iterator[Moonforge]:
    game = Moonforge()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            game.respond(self)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    game.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield game
    server.shutdown()
    thread.join()
    server.server_close()


# --- its client, its jobs and its declaration -------------------------------------------------------------------------


class MoonforgeClient:
    def __init__(self, provider: Provider["MoonforgeClient"], transport: Transport) -> None:
        self._url, self._key = provider.hosts["api"], provider.credentials["key"]
        self._transport = transport
        self._reader = ResponseReader(error_for, [self._key], breaker=transport.breaker)

    def inventory(self, person: str, *, since: Any = None) -> Answer[list[int]]:
        pause = SubjectPause(person, PAUSES.get(person, 0.1))
        info = RequestInfo(f"/person/{person}/inventory", INVENTORY, "moon", Subject(person), pause)
        if self._transport.breaker is not None:
            info = self._transport.breaker.admit(info)
        headers = {"X-API-Key": self._key} | if_modified_since(since)
        response = self._transport.send("GET", self._url + info.path, info, headers=headers)
        return self._reader.answer(response, info, lambda body: list(map(int, body["items"])), since)

    def atlas(self, file: IO[bytes], size: int) -> int:
        info = RequestInfo("/atlas", ATLAS, "moon")
        bounds, headers = Bounds(size, 30), {"X-API-Key": self._key}
        return self._transport.download(self._url + info.path, info, file, bounds, headers=headers).status_code


def error_for(status: int, body: bytes) -> type[ApiError]:
    return Forbidden if status == codes.forbidden else BadPayload


class MoonJob(Job):
    person = models.CharField(max_length=40)
    region = models.CharField(max_length=4, default="moon")

    class Meta(Job.Meta):
        app_label = "moonforge"
        constraints = (models.UniqueConstraint(fields=("person", "kind"), name="moonjob_once_per_person"),)

    def __str__(self) -> str:
        return self.person


@pytest.fixture
def provider(moonforge: Moonforge, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Provider[MoonforgeClient]:
    """Register the provider next to Blizzard, with its own table."""
    declared = Provider(
        name="moonforge",
        label="Moonforge",
        hosts={"api": moonforge.url},
        windows=(Window(250, 10, reserve=20),),
        credentials={"key": API_KEY},
        jobs=MoonJob,
        make_client=MoonforgeClient,
    )

    def run(claim: Claim, lane: Lane) -> None:
        client = declared.client(lane)
        for job in claim.jobs:
            one = claim.jobs.filter(pk=job.pk)
            try:
                client.inventory(job.person)
            except Forbidden as error:
                transitions.finish_without_data(one, error, claim=claim)
            else:
                transitions.succeed(one, claim=claim, changed=True)

    kind = JobKind(
        provider="moonforge",
        name="inventory",
        model=MoonJob,
        run=run,
        endpoints=(INVENTORY,),
        region="region",
        batch=3,
    )
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.register([kind])
    monkeypatch.setattr(providers, "_declarations", providers._declarations | {"moonforge": lambda: declared})
    with connection.schema_editor() as editor:
        editor.create_model(MoonJob)
    with redis.Redis.from_url(site.REDIS_URL) as store:
        store.delete("metrics:moonforge", "metrics:blizzard")
    return declared


@pytest.fixture
def client_of_game(provider: Provider[MoonforgeClient]) -> MoonforgeClient:
    return provider.client(Lane.INTERACTIVE)


# --- what the engine does ---------------------------------------------------------------------------------------------


def test_no_ten_seconds_hold_more_than_250_requests(provider: Provider[MoonforgeClient]) -> None:
    limiter = provider.rate_limiter(Lane.INTERACTIVE)
    slots = [limiter.take(30) for _ in range(300)]
    times = [slot.at for slot in slots]
    assert all(slot.taken for slot in slots)
    assert min(later - earlier for earlier, later in zip(times, times[250:], strict=False)) > 10 * SECOND
    assert times[249] - times[0] < 10.1 * SECOND  # and the budget is used
    assert limiter.budget().left == (0,)
    blizzard = providers.providers()[0]
    assert blizzard.rate_limiter(Lane.INTERACTIVE).budget().left == (100, 36_000)


def test_a_pause_delays_only_its_person(client_of_game: MoonforgeClient, moonforge: Moonforge) -> None:
    def play(person: str, times: int) -> None:
        for _ in range(times):
            assert client_of_game.inventory(person).payload == [1, 2, 3]

    people = [threading.Thread(target=play, args=play_of) for play_of in (("slow", 3), ("slow", 1), ("hasty", 8))]
    for one in people:
        one.start()
    for one in people:
        one.join(30)
    for person, pause in PAUSES.items():
        times = sorted(at for at, path in moonforge.received if path == f"/person/{person}/inventory")
        # A busy machine delays requests.
        assert all(later - earlier >= pause * 0.8 for earlier, later in pairwise(times))
    hasty = [at for at, path in moonforge.received if "hasty" in path]
    slow = [at for at, path in moonforge.received if "slow" in path]
    assert (len(slow), len(hasty)) == (4, 8)
    assert max(hasty) < max(slow)


def test_pauses_outlive_the_loss_of_redis(provider: Provider[MoonforgeClient]) -> None:
    with redis.Redis.from_url(site.REDIS_URL) as store:
        # Without a log, which would fill the window.
        limiter = RateLimiter(store, provider.windows, Lane.INTERACTIVE, name=provider.name)
        assert not limiter.take(30, SubjectPause("slow", 1)).taken
        assert limiter.take(30).taken
        for key in store.scan_iter("limiter:moonforge:*"):
            store.delete(key)
        slot = limiter.take(30, SubjectPause("slow", 1))
    assert not slot.taken
    assert 0.5 < slot.wait < 1.1


def test_unchanged_data_is_not_sent_again(client_of_game: MoonforgeClient) -> None:
    first = client_of_game.inventory("ada")
    again = client_of_game.inventory("ada", since=first.last_modified)
    assert (first.payload, again.payload) == ([1, 2, 3], None)
    assert again.last_modified == first.last_modified


def test_a_file_is_downloaded_in_its_slot_and_counted(
    client_of_game: MoonforgeClient, provider: Provider[MoonforgeClient], moonforge: Moonforge
) -> None:
    atlas = bytes(range(256)) * 20_000
    moonforge.answers = [(429, b"slow down"), (200, atlas)]
    file = io.BytesIO()
    assert client_of_game.atlas(file, size=len(atlas)) == 200
    assert file.getvalue() == atlas
    assert provider.request_metrics().counts().lines == [(ATLAS, "200", 1), (ATLAS, "429", 1)]
    assert provider.rate_limiter(Lane.INTERACTIVE).budget().left == (248,)


def test_a_download_ends_at_its_bounds_or_where_it_is_cut(
    client_of_game: MoonforgeClient, moonforge: Moonforge
) -> None:
    moonforge.answers = [(200, b"x" * 5000), (404, b"<p>not here"), (200, b"half")]
    file = io.BytesIO()
    with pytest.raises(BadPayload, match="larger than 4999 bytes"):
        client_of_game.atlas(file, size=4999)
    assert client_of_game.atlas(file, size=4999) == 404
    assert file.getvalue() == b""
    moonforge.missing = 4
    with pytest.raises(Unavailable):
        client_of_game.atlas(file, size=4999)


def test_a_429_is_sent_again_and_counted(
    client_of_game: MoonforgeClient, provider: Provider[MoonforgeClient], moonforge: Moonforge
) -> None:
    moonforge.answers = [(429, b"")]
    assert client_of_game.inventory("ada").payload == [1, 2, 3]
    counts = provider.request_metrics().counts()
    assert counts.lines == [(INVENTORY, "200", 1), (INVENTORY, "429", 1)]
    assert providers.providers()[0].request_metrics().counts().lines == []


def test_a_full_window_defers_work(provider: Provider[MoonforgeClient]) -> None:
    limiter = provider.rate_limiter(Lane.INTERACTIVE)
    for _ in range(1000):
        if not limiter.take(30).taken:
            break
    with pytest.raises(RateLimited):
        replace(provider, longest_wait=5).client(Lane.INTERACTIVE).inventory("ada")


def test_errors_and_reprs_contain_no_credentials(
    client_of_game: MoonforgeClient, provider: Provider[MoonforgeClient], moonforge: Moonforge
) -> None:
    moonforge.answers = [(200, f"<p>{API_KEY} is not JSON".encode())]
    with pytest.raises(BadPayload, match="is not JSON") as raised:
        client_of_game.inventory("ada")
    assert API_KEY not in f"{raised.value} {provider!r} {client_of_game!r}"


def test_an_outage_pauses_its_requests_only(
    client_of_game: MoonforgeClient, provider: Provider[MoonforgeClient], moonforge: Moonforge
) -> None:
    for number in range(30):
        client_of_game.inventory(f"person-{number}")
    moonforge.answers = [(403, b"{}")] * 100
    people = (f"person-{number}" for number in range(100))
    with pytest.raises(Paused):
        all(is_refused(client_of_game, person) for person in people)
    (pause,) = provider.circuit_breaker().pauses()
    assert (pause.endpoint, pause.region) == (INVENTORY, "moon")
    assert providers.providers()[0].circuit_breaker().pauses() == []


def is_refused(client: MoonforgeClient, person: str) -> bool:
    try:
        client.inventory(person)
    except Forbidden:
        return True
    return False


def test_its_jobs_run_and_are_retried_after_an_outage(
    provider: Provider[MoonforgeClient], moonforge: Moonforge, work: Callable[[], int]
) -> None:
    jobs = MoonJob._default_manager
    for person in ("ada", "bob", "cleo", "dan"):
        jobs.create(kind="inventory", person=person)
    moonforge.answers = [(403, b"{}")]
    assert work() == 2  # batches of three
    refused = jobs.get(error_kind="forbidden")
    assert set(jobs.values_list("state", flat=True)) == {Job.State.RESTING}
    assert jobs.exclude(pk=refused.pk).exclude(succeeded_at=None).count() == 3
    end_outage(provider, moonforge)
    assert work() == 1
    refused.refresh_from_db()
    assert (refused.state, refused.error_kind) == (Job.State.RESTING, "")


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Dispatch, and run what was sent; returns how many tasks that is."""
    sent: list[Any] = []
    monkeypatch.setattr("celery.Celery.send_task", lambda app, name, args, **options: sent.append(args))

    def go() -> int:
        sent.clear()
        dispatch()
        for args in sent:
            run_jobs.apply(args=args, throw=True)
        return len(sent)

    return go


def end_outage(provider: Provider[MoonforgeClient], moonforge: Moonforge) -> None:
    """Let the API refuse nearly everything for a while, and end it."""
    client = provider.client(Lane.INTERACTIVE)
    moonforge.answers = [(403, b"{}")] * 100
    with pytest.raises(Paused):
        all(is_refused(client, f"person-{number}") for number in range(100))
    moonforge.answers = []
    with redis.Redis.from_url(site.REDIS_URL) as store:
        for key in store.scan_iter("breaker:moonforge:state:*"):
            store.hset(key, "pause_until", 0)
    assert provider.client(Lane.INTERACTIVE).inventory("eve").payload == [1, 2, 3]
    assert provider.circuit_breaker().pauses() == []


def test_operators_see_it(
    client_of_game: MoonforgeClient,
    provider: Provider[MoonforgeClient],
    client: Client,
    people: Callable[[str], User],
    settings: Any,
) -> None:
    client.force_login(people("Ada"), "allauth.account.auth_backends.AuthenticationBackend")
    grant_admin(battletag="Ada#1000")
    client_of_game.inventory("ada")
    MoonJob._default_manager.create(kind="inventory", person="ada", priority=Job.Priority.INTERACTIVE)
    MoonJob._default_manager.create(kind="inventory", person="bob", state=Job.State.FAILED, error_kind="forbidden")
    settings.METRICS_TOKEN = "a token of at least thirty-two characters"
    headers = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    lines = client.get("/metrics", headers=headers).content.decode().splitlines()
    assert f'guildsite_requests_total{{endpoint="{INVENTORY}",provider="moonforge",status="200"}} 1.0' in lines
    assert 'guildsite_budget_left{provider="moonforge",window="10 s"} 249.0' in lines
    assert 'guildsite_jobs_due{priority="interactive",provider="moonforge"} 1.0' in lines
    assert 'guildsite_jobs_failed{error="forbidden",kind="inventory",provider="moonforge"} 1.0' in lines
    page = client.get("/admin/status/").content.decode()
    for caption in ("Moonforge: queue", "Moonforge: failures", "Moonforge: requests left", INVENTORY):
        assert caption in page
