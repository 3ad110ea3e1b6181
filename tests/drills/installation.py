"""A complete installation in separate processes, which syncs a guild of 1,000 during failures."""

import os
import shlex
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from django.db import DatabaseError, connection
from django.db.models import QuerySet

from characters.models import Character, Realm
from embedded.site import procfile
from guilds.models import Guild, Membership, TimelineEvent
from sync.engine import transitions
from sync.engine.rate_limiter import Lane
from sync.management.foreground import sync_guild
from sync.models import BlizzardJob
from sync.wow.guilds import find_guild
from sync.wow.jobs import game_data_job
from sync.wow.provider import client_for
from tests.battlenet import CHECKOUT, Sandbox
from tests.stack import PATIENCE, free_port, wait_until
from tests.sync.ground_truth import our_details, true_details

State = BlizzardJob.State
Kind = TimelineEvent.Kind
WORKERS = ("interactive", "worker")
LEAVERS, DEMOTED, RENAMED = 12, 12, 6


class Installation:
    """The Procfile's workers and scheduler, and what they are to get right."""

    def __init__(self, environment: dict[str, str], sandbox: Sandbox, logs: Path) -> None:
        self.sandbox = sandbox
        port = str(free_port())
        self.web = f"http://127.0.0.1:{port}"
        web = {"PORT": port, "SITE_URL": self.web, "ALLOWED_HOSTS": "127.0.0.1"}
        self._environment = os.environ | environment | web | {"PYTHONUNBUFFERED": "1"}
        self._logs = logs
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._log_of: dict[str, Path] = {}

    # --- processes ---------------------------------------------------------------------------------------------

    def start(self, *names: str) -> None:
        """Start processes by their names in the Procfile."""
        for name in names:
            self._launch(name, procfile()[name])

    def start_workers_of(self, machine: str) -> None:
        """Start both workers of another machine."""
        for name in WORKERS:
            self._launch(f"{name}-{machine}", procfile()[name].replace("%h", machine))

    def _launch(self, name: str, command: str) -> None:
        # The shell puts the settings in, and leaves its process to the program.
        line = f"exec {shlex.quote(sys.executable)} -m {command}"
        log = self._log_of[name] = self._logs / f"{len(list(self._logs.iterdir())):02}-{name}.log"
        with log.open("wb") as file:
            self._processes[name] = subprocess.Popen(
                ["sh", "-c", line],
                cwd=CHECKOUT,
                env={"BIND": urlsplit(self.web).netloc, **self._environment},
                stdout=file,
                stderr=file,
            )

    def start_web(self) -> None:
        """Start the web process and wait until it answers."""
        self.start("web")

        def answers() -> bool:
            self.assert_alive()
            with suppress(requests.RequestException):
                return requests.get(f"{self.web}/healthz", timeout=30).ok
            return False

        wait_until(answers)

    def readyz(self) -> tuple[int, Any]:
        """Return the status and the body of /readyz."""
        response = requests.get(f"{self.web}/readyz", timeout=30)
        return response.status_code, response.json()

    def use(self, environment: dict[str, str]) -> None:
        """Change the environment of processes that start from now on."""
        self._environment |= environment

    def ready_workers(self) -> list[str]:
        """Return the workers that have taken tasks since their last start."""
        return [name for name in WORKERS if " ready." in self._log_of[name].read_text(errors="replace")]

    def kill(self, worker: str) -> None:
        """End a worker in the midst of whatever it does."""
        self._processes[worker].kill()
        self._processes[worker].wait(10)

    def end(self, worker: str) -> int:
        """Tell a worker to end, and return its exit status."""
        self._processes[worker].terminate()
        return self._processes[worker].wait(PATIENCE)

    def assert_alive(self) -> None:
        """Assert that no failure has ended a process."""
        dead = [name for name, process in self._processes.items() if process.poll() is not None]
        last_line = [self._log_of[name].read_text(errors="replace")[-4000:] for name in dead]
        assert not dead, "\n".join([f"{dead} ended", *last_line])

    def stop(self) -> None:
        """End all processes."""
        for process in self._processes.values():
            process.send_signal(signal.SIGKILL)
        for process in self._processes.values():
            process.wait(10)

    def log(self) -> str:
        """Return the output of all processes."""
        return "".join(file.read_text(errors="replace") for file in sorted(self._logs.iterdir()))

    # --- the work ----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make everything due, for a guild whose roster was synced before and has changed since."""
        client = client_for(Lane.INTERACTIVE)
        guild = find_guild(client=client, region="eu", realm_slug="tarn-hollow", name="Gravel Orchard")
        sync_guild(client=client, guild=guild)
        assert guild.memberships.count() == 1_000
        self._change_roster()
        game_data_job("eu")
        transitions.mark_due(BlizzardJob.objects.all(), BlizzardJob.Priority.LOW)
        self.sandbox.forget_requests()

    def _change_roster(self) -> None:
        guild = {key: value for key, value in self.sandbox.demo_guild().items() if key in GUILD_ADDRESS}
        ordinary = [one for one in self.sandbox.members(guild) if 3 <= one["rank"] <= 8 and one["profile"] == 200]
        orders = [{key: one[key] for key in ("region", "realm_slug", "name")} for one in ordinary]
        for order in orders[:LEAVERS]:
            self.sandbox.mutate("leave", **order)
        for order in orders[LEAVERS : LEAVERS + DEMOTED]:
            self.sandbox.mutate("rank", **order, rank=9)
        for number, order in enumerate(orders[LEAVERS + DEMOTED : LEAVERS + DEMOTED + RENAMED]):
            self.sandbox.mutate("rename", **order, new_name=f"Drill{'abcdef'[number]}")

    def ask_for_roster(self) -> None:
        """Refresh the roster like a member's button."""
        transitions.mark_due(BlizzardJob.objects.filter(kind=BlizzardJob.Kind.ROSTER), BlizzardJob.Priority.INTERACTIVE)

    @property
    def requests(self) -> int:
        """Return the number of requests since the work began."""
        return int(self.sandbox.stats()["requests"])

    def wait_until(self, condition: Callable[[], Any]) -> None:
        """Wait for a condition as long as the work makes progress; what PostgreSQL can't answer is not true yet."""

        def holds() -> bool:
            self.assert_alive()
            return _holds(condition)

        try:
            wait_until(holds, progress=self._progress)
        except AssertionError as stalled:
            raise AssertionError(f"{stalled}; {self._unfinished()}\n{self.log()[-4000:]}") from None

    def _progress(self) -> object:
        """The progress of the site: the requests it has sent and the states of the jobs."""
        try:
            return self.requests, self.states()
        except DatabaseError:
            connection.close()
            return None

    def states(self) -> dict[str, int]:
        """The number of jobs in each state."""
        return dict(Counter(BlizzardJob.objects.values_list("state", flat=True)))

    def is_done(self) -> bool:
        """Return whether no job is due, scheduled to retry or in flight."""
        return not self._open_jobs().exists()

    def _open_jobs(self) -> QuerySet[BlizzardJob]:
        return BlizzardJob.objects.exclude(state__in=(State.RESTING, State.FAILED))

    def _unfinished(self) -> list[Any]:
        """Some jobs that are not done, for the message of a test that fails."""
        with suppress(DatabaseError):
            columns = ("kind", "state", "next_due_at", "claimed_until", "error_kind", "error_text", "rerun_requested")
            return list(self._open_jobs().values_list(*columns)[:10])
        return []

    # --- what must hold in the end -----------------------------------------------------------------------------

    def assert_matches_battlenet(self) -> None:
        """Our tables are equal to Battle.net's truth, nothing is doubled, nothing lost, nothing failed."""
        guild = Guild.objects.select_related("realm").get()
        ours, truth = our_details(guild), true_details(self.sandbox, guild)
        assert ours == truth, f"only here: {sorted(ours - truth)[:3]}; only there: {sorted(truth - ours)[:3]}"
        assert Membership.objects.count() == 1_000 - LEAVERS
        assert Character.objects.count() == BlizzardJob.objects.filter(kind="profile").count() == 1_000
        recorded = Counter(TimelineEvent.objects.values_list("kind", flat=True))
        assert recorded == {Kind.LEFT: LEAVERS, Kind.DEMOTED: DEMOTED, Kind.RENAMED: RENAMED}
        assert not Realm.objects.filter(region="eu", connected_realm_id=None).exists()
        assert self.states() == {State.RESTING: BlizzardJob.objects.count()}
        never = BlizzardJob.objects.filter(succeeded_at=None).exclude(
            error_kind__in=("not_found", "forbidden", "not_shared")
        )
        assert not never.exists()

    def assert_within_limits(self, *, per_hour: int = 36_000, refused: int = 0) -> None:
        """Battle.net never got more than it allows, in any second and any hour."""
        stats = self.sandbox.stats()
        print(f"{stats['requests']} requests, at most {stats['busiest_second']} in a second")
        assert stats["busiest_second"] <= 100
        assert stats["busiest_hour"] <= per_hour
        assert stats["refused"] == refused


GUILD_ADDRESS = ("region", "realm_slug", "slug")


def _holds(condition: Callable[[], Any]) -> bool:
    try:
        return bool(condition())
    except DatabaseError:
        connection.close()
        return False
