"""A site of `make run` with real processes and servers and a stand-in for the code: what ends is restarted."""

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import psutil
import pytest
import requests

from embedded.logs import LARGEST, OLDER_PARTS
from tests.drills.embedded.checkouts import Checkout, command_line, serving
from tests.stack import PATIENCE, wait_until

pytestmark = pytest.mark.enable_socket
SETTINGS = {"BLIZZARD_CLIENT_ID": "ours"}


@dataclass
class Site:
    """A site that is running."""

    checkout: Checkout
    supervisor: "subprocess.Popen[str]"

    def pid(self, program: str) -> int:
        """Return the pid of a process of the site, once there is one."""

        def find() -> int | None:
            children = psutil.Process(self.supervisor.pid).children()
            return next((child.pid for child in children if program in command_line(child)), None)

        return cast(int, wait_until(find))

    def page(self) -> str:
        """Return the pid of the web process that answers."""
        return requests.get(f"http://127.0.0.1:{self.checkout.variables['PORT']}/", timeout=PATIENCE).text

    def order(self, order: str) -> None:
        """Tell the worker what to do."""
        (self.checkout.folder / "worker.order").write_text(order)

    def addresses(self) -> str:
        """Return the addresses of its servers, once both answer."""
        return self.checkout.run("up", "--profile", "run", "--print-env", **SETTINGS).stdout


@pytest.fixture(scope="module")
def site(old_checkout: Checkout) -> Iterator[Site]:
    with serving(old_checkout, "run", **SETTINGS) as process:
        yield Site(old_checkout, process)
    old_checkout.run("down")
    assert old_checkout.command_lines() == []


def test_killed_processes_are_restarted_and_nobody_is_refused(site: Site) -> None:
    before = {program: site.pid(program) for program in ("web.py", "worker.py")}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    # The socket stays open, so the request waits for the new process.
    assert site.page() not in {"", str(before["web.py"])}
    wait_until(lambda: site.pid("worker.py") != before["worker.py"])
    assert "was ended by SIGKILL; it is restarted in " in site.checkout.log("worker").read_text()


def test_killed_servers_are_restarted_at_the_same_addresses(site: Site) -> None:
    servers = ("postgres", "redis")
    addresses = site.addresses()
    before = {server: site.checkout.pid(server, "run") for server in servers}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    for server in servers:
        wait_until(lambda server=server: site.checkout.find_pid(server, "run") not in {None, before[server]})  # type: ignore[misc]
    assert site.addresses() == addresses


def test_a_log_keeps_the_last_crash_and_is_rotated_while_the_process_runs(site: Site) -> None:
    log, before = site.checkout.log("worker"), site.pid("worker.py")
    site.order("3")
    wait_until(lambda: site.pid("worker.py") != before)
    wait_until(lambda: log.read_text().endswith("worker is here\n"))
    assert "SECRET_KEY is missing\n--- " in log.read_text()
    assert "worker ended with status 3; it is restarted in" in log.read_text()
    site.order("chatter")
    wait_until(lambda: any(part.read_text().endswith("done\n") for part in log.parent.glob("worker.log*")))
    wait_until(lambda: log.stat().st_size < LARGEST)
    assert sum(part.stat().st_size for part in log.parent.glob("worker.log.*")) > LARGEST
    assert len(list(log.parent.glob("worker.log*"))) <= 1 + OLDER_PARTS


def test_a_second_site_on_the_same_data_is_refused_in_one_line(site: Site) -> None:
    second = site.checkout.run("run", **SETTINGS)
    assert second.returncode == 1
    (line,) = second.stderr.splitlines()
    port = site.checkout.variables["PORT"]
    assert f"A site (pid {site.supervisor.pid}, port {port}) is running on the data in" in line


def test_servers_of_a_running_site_are_not_stopped(site: Site) -> None:
    down = site.checkout.run("down")
    assert down.returncode == 1
    assert f"A site (pid {site.supervisor.pid}" in down.stderr
    assert site.page()


def test_commands_reach_the_database_of_the_site_and_not_of_the_demo(site: Site) -> None:
    command = ["exec", "--", "sh", "-c", "echo $DATABASE_URL $BLIZZARD_CLIENT_ID"]
    database, client = site.checkout.run(*command, **SETTINGS).stdout.split()
    assert database in site.addresses()
    assert client == "ours"


def test_an_upgrade_replaces_the_processes_and_refuses_nobody(site: Site) -> None:
    before = {program: site.pid(program) for program in ("web.py", "worker.py")}
    upgrade = site.checkout.run("upgrade", **SETTINGS)
    assert upgrade.returncode == 0, upgrade.stderr
    assert "is served by new processes" in upgrade.stdout
    assert site.page() not in {"", str(before["web.py"])}
    assert site.pid("worker.py") != before["worker.py"]
    assert not any(psutil.pid_exists(pid) for pid in before.values())
