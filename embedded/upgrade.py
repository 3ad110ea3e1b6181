"""`make upgrade`: from `git pull` to new processes, while the site goes on serving."""

import os
import signal
import sys

from embedded import environment, interrupts, running_site, site
from embedded.errors import StartError
from embedded.instance import CHECKOUT, Instance, Profile
from embedded.run import line, supervised
from embedded.running_site import RunningSite
from embedded.supervisor import Supervisor

LONGEST_REPLACEMENT = 300


def upgrade() -> None:
    """Check the settings, back up, migrate, and replace the site's processes. `make` has installed the packages.

    The packages come first, because today's code needs them also for the backup; they change no data.
    """
    environment.require_dotenv()
    print("Upgrade of Guildsite", flush=True)
    with supervised(Profile.RUN) as (supervisor, _):
        site.check(supervisor)
        _back_up(supervisor)
        site.prepare(supervisor)
        if (running := running_site.find(Instance(Profile.RUN))) is None:
            line("")
            line("Done", "The site is not running; start it with `make run` or its service.")
            return
        _replace(running, site.public_host(supervisor.environment()))
    line("")
    line("Done", f"{site.address(running.port)}/ is served by new processes.")
    if running.code != running_site.fingerprint():
        line("Later", "The supervisor itself has changed, too. Restart it when a pause of some seconds suits you.")


def _back_up(supervisor: Supervisor) -> None:
    if any(CHECKOUT.glob("*/management/commands/backup.py")):
        with site.timed("Backup"):
            supervisor.run("backup", "python manage.py backup", seconds=6 * 3600)
    else:
        print("  No backup: this version has no command for it.", file=sys.stderr, flush=True)


def _replace(running: RunningSite, host: str) -> None:
    """Tell the supervisor to replace the processes, and wait until the new ones answer."""

    healthz = f"{site.address(running.port)}/healthz"

    def is_replaced() -> bool:
        now = running_site.find(Instance(Profile.RUN))
        if now is None or now.pid != running.pid:
            raise StartError("The site ended during the upgrade: start it again, and see its logs.")
        return now.replacements > running.replacements and site.answers(healthz, host)

    with site.timed("New processes"):
        os.kill(running.pid, signal.SIGUSR1)
        if not interrupts.wait_until(is_replaced, seconds=LONGEST_REPLACEMENT, interval=0.2):
            raise StartError(f"The new processes do not answer. See {Instance(Profile.RUN).log_folder}")
