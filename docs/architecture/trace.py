"""Print which modules of a checkout work on two paths, as JSON.

Run in the checkout, with a database and Redis of its own:

    python -m embedded exec --profile test -- python /path/to/docs/architecture/trace.py

`roster`: a roster entry from Blizzard's JSON to a table row. A module is on this path if one of its functions runs in
`manage.py sync_guild` of a guild that is known; the command itself is left out, since workers don't run it.

`right`: a permission from a rank to a button. A module is on this path if one of its functions is on the call stack
while `has_perm` is answered for an officer who opens the guild's overview.

It uses the sandbox instead of Battle.net.
"""

import importlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.request import urlopen

CHECKOUT = Path.cwd()
APPS = ("accounts", "api", "characters", "guilds", "permissions", "sync", "guildsite")


def main() -> None:
    """Prepare a site with one guild in it, then follow both paths."""
    # The checkout's own modules, not those beside this script.
    sys.path[0] = str(CHECKOUT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
    with _sandbox() as url:
        os.environ |= {
            "DEBUG": "true",
            "BLIZZARD_CLIENT_ID": "sandbox-client",
            "BLIZZARD_CLIENT_SECRET": "sandbox-secret",
            "BLIZZARD_OAUTH_URL": url,
            "BLIZZARD_API_URL": url,
        }
        with importlib.import_module("benchmarks.database").own_database():
            from django.core.management import call_command

            from guilds.models import Guild

            with urlopen(f"{url}/_sandbox/world") as answer:
                first = min(json.load(answer)["guilds"], key=lambda one: abs(one["member_count"] - 100))
            guild_command = ("sync_guild", first["region"], first["realm_slug"], first["name"])
            call_command("sync_static", region=first["region"], stdout=sys.stderr)
            call_command(*guild_command, stdout=sys.stderr)
            # Forget half of the members, so that the next roster brings new ones.
            guild = Guild.objects.get(region=first["region"], name=first["name"])
            guild.memberships.filter(pk__in=list(guild.memberships.values_list("pk", flat=True))[::2]).delete()
            Guild.objects.update(last_modified=None)
            roster = _modules_of(lambda: call_command(*guild_command, stdout=sys.stderr), without="sync.management")
            client, address = _officer_of(guild), guild.get_absolute_url()
            client.get(address)
            right = _modules_of(lambda: client.get(address), inside="permissions.backends")
    print(json.dumps({"roster": roster, "right": right}))


def _officer_of(guild: Any) -> Any:
    """A browser in which an officer of the guild is signed in."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    officer = get_user_model().objects.create(battlenet_id=1, battletag="Officer#1")
    membership = guild.memberships.filter(rank=1).select_related("character").first()
    character = membership.character
    character.user, character.owner_confirmed_at = officer, datetime.now(UTC)
    character.account_blizzard_id = membership.roster_blizzard_id
    character.save()
    client = Client(HTTP_HOST="localhost")
    client.force_login(officer)
    return client


def _modules_of(work: Callable[[], object], *, inside: str = "", without: str = " ") -> list[str]:
    """The modules of our apps whose functions run, in the order in which they begin.

    `inside` a module: only those on the call stack while one of its functions runs.
    """
    seen: dict[str, None] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        if event != "call" or (module := _module_of(frame)) is None:
            return
        stack = _stack_of(frame) if inside else [module]
        if not inside or inside in stack:
            seen.update(dict.fromkeys(one for one in stack if not one.startswith(without)))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return list(seen)


def _module_of(frame: FrameType) -> str | None:
    path = Path(frame.f_code.co_filename)
    if frame.f_code.co_name == "<module>" or not path.is_relative_to(CHECKOUT):
        return None
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts) if parts[0] in APPS else None


def _stack_of(frame: FrameType) -> list[str]:
    """The modules of our apps on the stack, the outermost first."""
    found: list[str] = []
    current: FrameType | None = frame
    while current is not None:
        if (module := _module_of(current)) is not None:
            found.insert(0, module)
        current = current.f_back
    return found


@contextmanager
def _sandbox() -> Iterator[str]:
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://[\d.:]+", process.stdout.readline())
        if found is None:
            raise SystemExit("The sandbox did not start.")
        yield found[0]
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
