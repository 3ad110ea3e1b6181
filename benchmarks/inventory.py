"""An inventory of 1,500 items, from the request to the page: fetched, parsed, applied, shown; first and unchanged."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from benchmarks import database
from benchmarks.battlenet import LATENCY_MS, battlenet
from benchmarks.bungie_rate import use_bungie
from benchmarks.guild_sync import Statements
from benchmarks.report import progress, seconds, show
from destiny.models import BungieAccount, DestinyMembership, Item

ITEMS = 1_500
RUNS, QUICK_RUNS = 9, 3
STEAM = 3
Row = tuple[object, ...]


@dataclasses.dataclass(slots=True)
class Cost:
    """The time, statements and bytes of one part."""

    wall: float = 0.0
    processor: float = 0.0
    statements: int = 0


def main(*, quick: bool = False) -> None:
    """Print a row for each part; the median of some runs."""
    runs = QUICK_RUNS if quick else RUNS
    database.clean()
    with battlenet() as server:
        use_bungie(server.url)
        settings.MANIFEST_LANGUAGES, settings.ALLOWED_HOSTS = ("en",), ["*"]
        progress("manifest")
        call_command("sync_manifest", verbosity=0)
        browser = Client()
        membership = _signed_in(browser)
        body = {"membership": str(membership.membership_id), "items": ITEMS}
        requests.post(f"{server.url}/_sandbox/bungie/items", json=body, timeout=60).raise_for_status()
        progress(f"{ITEMS:,} items, {runs} runs")
        rows = [*_synced(membership, runs), *_shown(browser, runs)]
    show(
        f"An inventory of {Item.objects.count():,} items, from the request to the page; median of {runs}",
        ("", "time", "processor time", "statements", "kB"),
        rows,
        (
            f"Bungie answers after {LATENCY_MS} ms. All in one process; processor time is that of the site, without "
            "PostgreSQL's. The bytes of a page are compressed.",
        ),
    )


def _signed_in(browser: Client) -> DestinyMembership:
    """Sign in with Bungie, and read the memberships; returns the guild master's on Steam."""
    from sync.destiny import memberships
    from sync.destiny.jobs import BungieJob, open_account_jobs
    from sync.destiny.provider import client_for
    from sync.engine.rate_limiter import Lane
    from sync.engine.transitions import attempt

    providers: Any = settings.SOCIALACCOUNT_PROVIDERS
    providers["bungie"]["APP"].update(client_id="40001", secret="sandbox-secret")
    to_bungie = browser.post("/accounts/bungie/login/")
    back = requests.get(f"{to_bungie['Location']}&persona=guildmaster", allow_redirects=False, timeout=30)
    address = urlsplit(back.headers["Location"])
    browser.get(f"{address.path}?{address.query}")
    account = BungieAccount.objects.get()
    with attempt(open_account_jobs(account).filter(kind=BungieJob.Kind.MEMBERSHIPS)) as claim:
        memberships.apply(account.pk, memberships.fetch(account, client_for(Lane.INTERACTIVE)), claim)
    return account.memberships.get(membership_type=STEAM)


def _synced(membership: DestinyMembership, runs: int) -> Iterator[Row]:
    """Measure the request with its parsing, and the writing: of all, of an unchanged answer, of 20 changed items."""
    from sync.bungie.profile import Profile
    from sync.destiny import profiles
    from sync.destiny.jobs import open_profile_jobs
    from sync.destiny.provider import client_for
    from sync.engine.rate_limiter import Lane
    from sync.engine.transitions import attempt

    client, answers = client_for(Lane.INTERACTIVE), list[Profile]()

    def write(number: int) -> None:
        # The same answer again, of a later time.
        answer = answers[0]
        assert answer.minted_at is not None
        later = dataclasses.replace(answer, minted_at=answer.minted_at + timedelta(milliseconds=number))
        with attempt(open_profile_jobs([membership])) as claim:
            profiles.apply(membership.pk, later, claim)

    def forget() -> None:
        Item.objects.all().delete()
        membership.guardians.all().delete()

    def change() -> None:
        some = Item.objects.filter(instance_id__isnull=False).order_by("pk").values("pk")[:20]
        Item.objects.filter(pk__in=some).update(state=2)

    yield _row(
        "request and parsing",
        [_measured(lambda _: answers.append(profiles.fetch(membership, client)), n) for n in range(runs)],
    )
    yield _row("writing all", [_measured(write, n, before=forget) for n in range(runs)])
    yield _row("writing nothing: an unchanged answer", [_measured(write, runs + n) for n in range(runs)])
    yield _row("writing 20 changed items", [_measured(write, 2 * runs + n, before=change) for n in range(runs)])


def _shown(browser: Client, runs: int) -> Iterator[Row]:
    for name, view in (("the page of guardians", "home"), ("the page of the inventory", "inventory")):
        try:
            path = reverse(f"destiny:{view}")
        except NoReverseMatch:
            continue
        sizes: list[int] = []

        def look(_: int, path: str = path, sizes: list[int] = sizes) -> None:
            answer: Any = browser.get(path, headers={"accept-encoding": "gzip"})
            assert answer.status_code == 200, answer.status_code
            sizes.append(len(answer.content))

        yield _row(f"{name}, the first time", [_measured(look, 0)], sizes[0])
        yield _row(name, [_measured(look, n) for n in range(runs)], sizes[-1])


def _measured(work: Callable[[int], object], number: int, *, before: Callable[[], None] = lambda: None) -> Cost:
    before()
    with _costs() as cost:
        work(number)
    return cost


@contextmanager
def _costs() -> Iterator[Cost]:
    cost, statements = Cost(), Statements()
    began, used = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(statements):
        yield cost
    cost.wall, cost.processor = time.perf_counter() - began, time.process_time() - used
    cost.statements = statements.count


def _row(name: str, costs: list[Cost], size: int | None = None) -> Row:
    def middle(values: list[float]) -> float:
        return sorted(values)[len(values) // 2]

    kilobytes = "" if size is None else f"{size / 1000:.1f}"
    return (
        name,
        seconds(middle([one.wall for one in costs])),
        seconds(middle([one.processor for one in costs])),
        max(one.statements for one in costs),
        kilobytes,
    )
