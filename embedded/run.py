"""Serving a site from a checkout until Ctrl-C."""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from embedded import environment, interrupts, ports, running_site, servers, site
from embedded.errors import ConfigurationError, StepFailed
from embedded.instance import Instance, Profile
from embedded.restarts import restart_after
from embedded.running_site import RunningSite
from embedded.servers import Servers
from embedded.supervisor import Supervisor

# Seconds. A machine that is just booting is slow, and its operator is not there to start the site again.
LONGEST_START = 600


def run() -> None:
    """Serve the real site with the settings of `.env`."""
    environment.require_dotenv()
    print("Guildsite", flush=True)
    with alone(Profile.RUN) as (here, listener), supervised(Profile.RUN) as (supervisor, _):
        site.check(supervisor)
        _prepare(supervisor)
        site.start(supervisor, listener, seconds=LONGEST_START)
        line("")
        print_addresses(supervisor, here.port)
        serve(supervisor, here)


@contextmanager
def alone(profile: Profile) -> Iterator[tuple[RunningSite, socket.socket]]:
    """Keep a second site off the same data; yield this one, and a socket that listens on its port.

    The socket stays open when the site's processes are restarted: who connects meanwhile waits and is not refused.
    """
    port = environment.port("PORT", environment.SITE_PORT)
    with running_site.only_one(Instance(profile)), ports.listen("PORT", port) as listener:
        yield running_site.announced(profile, port), listener


@contextmanager
def supervised(profile: Profile) -> Iterator[tuple[Supervisor, Servers]]:
    """Yield a supervisor with the site's environment, and the servers, which it watches; both end with the block."""
    with ExitStack() as stack:
        with site.timed("PostgreSQL and Redis"):
            addresses = stack.enter_context(servers.borrowed(profile, environment.given(profile)))
        supervisor = Supervisor(lambda: environment.for_site(profile, addresses), Instance(profile).log_folder)
        for server in addresses.embedded:
            supervisor.watch(server)
        yield stack.enter_context(supervisor), addresses


def serve(supervisor: Supervisor, here: RunningSite) -> None:
    """Keep the site running until a signal comes; SIGUSR1 replaces its processes by new ones."""
    print("\n  Ctrl-C ends everything.", flush=True)
    try:
        while True:
            supervisor.wait_until(interrupts.wants_replacement, seconds=float("inf"))
            line("Restart", "new processes with today's code and settings")
            supervisor.replace_all()
            supervisor.wait_until(supervisor.are_replaced, seconds=float("inf"))
            here.replacements += 1
            here.announce()
    except interrupts.Interrupted:
        print("\n  Ending ... (running jobs are handed back; Ctrl-C again does not wait for them)", flush=True)


def line(label: str, text: str = "") -> None:
    """Print a line of the summary."""
    print(f"  {label:<9} {text}".rstrip(), flush=True)


def print_addresses(supervisor: Supervisor, port: int) -> None:
    """Print the addresses of the site and of its logs."""
    line("Site", f"{site.address(port)}/")
    line("Logs", str(supervisor.log_folder))


def _prepare(supervisor: Supervisor) -> None:
    """Prepare the database until it works: your own PostgreSQL can start later than this machine."""
    ends = 0
    while True:
        try:
            site.prepare(supervisor)
        except StepFailed as failure:
            restart = restart_after(failure.exit_status, ran_for=0, ends_before=ends)
            if restart is None:
                raise ConfigurationError(str(failure)) from failure
            ends = restart.ends
            print(f"  {failure}. Trying again in {restart.pause:g} s.", file=sys.stderr, flush=True)
            supervisor.wait_until(lambda: False, seconds=restart.pause)
        else:
            return
