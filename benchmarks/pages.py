"""Pages: what each costs alone and with twenty readers at once, beside a bare view of the same process.

A guild of 1,000 members among 50, its guild master as the reader, and gunicorn as in the Procfile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles

import psutil
from django.urls import reverse

from benchmarks import site
from benchmarks.load.people import Player
from benchmarks.load.resources import family
from benchmarks.page_costs import readers, rows
from benchmarks.page_costs.bare import PATH as BARE
from benchmarks.page_costs.readers import Opened
from benchmarks.report import progress, seconds, show
from embedded import ports
from guilds.models import Guild

READERS = 20
TIMES, QUICK_TIMES = 60, 15
SECONDS, QUICK_SECONDS = 6.0, 1.5
WARM_UP_SECONDS = 3.0
APPLICATION = "benchmarks.page_costs.application"
OF_GUILD = (
    ("overview", "guilds:overview"),
    ("roster", "guilds:roster"),
    ("timeline", "guilds:timeline"),
    ("ranks", "permissions:ranks"),
    ("new grant", "permissions:new_grant"),
    ("notes", "guilds:notes"),
    ("to-do", "guilds:todo"),
    ("away", "guilds:away"),
    ("sync", "sync:guild"),
    ("settings", "guilds:settings"),
)
OF_PLAYER = (
    ("characters", "characters:mine"),
    ("guilds", "guilds:mine"),
    ("account", "account"),
    ("sessions", "account_sessions"),
    ("your data", "account_data"),
)
OF_VISITOR = (("landing", "landing"), ("sign-in", "account_login"))


@dataclass(frozen=True, slots=True)
class Page:
    """A page, in the guild of 1,000 and, if it is of a guild, in the one of ten."""

    name: str
    path: str
    of_few: str = ""
    for_visitors: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """A page's costs: alone, in the guild of ten, and with many readers, with the seconds and processor seconds."""

    page: Page
    alone: list[Opened]
    of_few: list[Opened]
    at_once: list[Opened]
    processor: float
    seconds: float

    @property
    def rate(self) -> float:
        """Return the pages a second with many readers."""
        return len(self.at_once) / self.seconds


def main(*, quick: bool = False, web_options: Sequence[str] = ("",)) -> None:
    """Measure all pages with each of these options of gunicorn, which come after those of the Procfile."""
    prepared = rows.prepare()
    pages = _pages(prepared)
    for options in web_options:
        port = ports.choose()
        with site.web(port, application=APPLICATION, options=options) as supervisor:
            address = f"http://{ports.LOOPBACK}:{port}"
            site.wait_until(partial(site.answers, address), what="the web server")
            measure = partial(_measure, address, prepared.players, supervisor.pids()["web"], quick=quick)
            _show(options, [measure(page) for page in pages])


def _pages(prepared: rows.Rows) -> list[Page]:
    large, small = prepared.large, prepared.small
    return [
        Page("bare view", f"/{BARE}", for_visitors=True),
        *(Page(name, reverse(view, args=(large,)), reverse(view, args=(small,))) for name, view in OF_GUILD),
        Page("member", _member(large), _member(small)),
        *(Page(name, reverse(view)) for name, view in OF_PLAYER),
        *(Page(name, reverse(view), for_visitors=True) for name, view in OF_VISITOR),
    ]


def _member(guild: Guild) -> str:
    master = guild.memberships.get(rank=0)
    return reverse("guilds:member", args=(guild, master.character_id))


def _measure(address: str, players: Sequence[Player], server: int, page: Page, *, quick: bool) -> Measured:
    progress(page.name)
    cookies = [{} if page.for_visitors else player.cookies for player in players[:READERS]]
    times, duration = (QUICK_TIMES, QUICK_SECONDS) if quick else (TIMES, SECONDS)
    # Every process and thread has opened the page before it is measured.
    readers.at_once(address, page.path, cookies, WARM_UP_SECONDS / (2 if quick else 1))
    alone = readers.alone(address, page.path, cookies[0], times)
    of_few = readers.alone(address, page.of_few, cookies[0], 3)[1:] if page.of_few else []
    before = _processor_time(server)
    at_once, elapsed = readers.at_once(address, page.path, cookies, duration)
    return Measured(page, alone, of_few, at_once, _processor_time(server) - before, elapsed)


def _processor_time(server: int) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in family(server) if psutil.pid_exists(process.pid))


def _show(options: str, measured: Sequence[Measured]) -> None:
    bare = measured[0]
    show(
        f"Pages of a guild of 1,000 members, {READERS} readers at once {options}".rstrip(),
        (
            *("page", "processor time", "statements: 10, 1,000 members", "their time", "alone: median", "p95"),
            *("kB", "at once: median", "p95", "processor time", "pages a second", "of the bare view"),
        ),
        [_row(one, bare) for one in measured],
        (
            "Goals: processor time of the roster at most 20 ms, of others 15 ms; p95 alone at most 60 ms; at most 8 "
            "statements on overview, roster and timeline; 100 pages a second on two processors; the overview at least "
            "a fifth of the bare view. Processor time alone is that of the thread that makes the page; at once, that "
            "of all web processes. The readers share the machine's processors with the site.",
        ),
    )


def _row(one: Measured, bare: Measured) -> tuple[str, ...]:
    count = max(opened.statements for opened in one.alone)
    few = f"{max(opened.statements for opened in one.of_few)}, " if one.of_few else ""
    return (
        one.page.name,
        seconds(median(opened.processor for opened in one.alone)),
        f"{few}{count}",
        seconds(median(opened.database for opened in one.alone)),
        *_waits(one.alone),
        f"{one.alone[-1].size / 1000:.1f}",
        *_waits(one.at_once),
        seconds(one.processor / len(one.at_once)),
        f"{one.rate:.0f}",
        f"{one.rate / bare.rate:.0%}",
    )


def _waits(opened: Iterable[Opened]) -> tuple[str, str]:
    """Return median and 95th percentile."""
    waits = [one.waited for one in opened]
    return seconds(median(waits)), seconds(quantiles(waits, n=20, method="inclusive")[-1])
