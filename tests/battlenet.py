"""A client for the sandbox's control interface, with which tests read and change its world."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

CHECKOUT = Path(__file__).resolve().parent.parent
CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
BUNGIE_CLIENT_ID = "40001"
BUNGIE_API_KEY = "sandbox-api-key"
# Members of the demo guild in most tests: to sync a full one takes a second.
MEMBERS = 200


@dataclass
class Sandbox:
    """A running sandbox, by its address."""

    url: str
    # Whether somebody has changed its world or broken its responses since the last reset of the world.
    is_changed: bool = False

    def world(self) -> Any:
        """Return seed, day, demo guild, guilds and personas."""
        return self._get("world")

    def demo_guild(self) -> Any:
        """Return id, name, slug, realm_slug, region and member_count."""
        return self.world()["demo_guild"]

    def persona(self, name: str) -> Any:
        """Return name, battlenet_id, battletag, description and characters."""
        return next(one for one in self.world()["personas"] if one["name"] == name)

    def members(self, guild: Any) -> list[Any]:
        """Return the true data of every member of a guild."""
        path = "/".join(quote(guild[key]) for key in ("region", "realm_slug", "slug"))
        answer = self._get(f"truth/guild/{path}")
        return list(answer["members"] if isinstance(answer, dict) else answer)

    def stats(self) -> Any:
        """Return requests, by_endpoint, by_status, busiest_second, busiest_hour and refused."""
        return self._get("stats")

    def reset(self, *, world: bool = False) -> None:
        """Forget all requests and faults; `world` also undoes all changes of the world."""
        self._post("reset", {"world": world, "tokens": world})
        self.is_changed = self.is_changed and not world

    def forget_requests(self) -> None:
        """Forget all requests, and nothing else."""
        self._post("stats/reset", {})

    def faults(self) -> list[Any]:
        """Return all faults, and how often each was applied."""
        answer = self._get("faults")
        return list(answer["faults"] if isinstance(answer, dict) else answer)

    def fault(self, **fault: Any) -> None:
        """Add a fault: path (regular expression), share, and status, delay_ms or body."""
        self.is_changed = True
        self._post("faults", fault)

    def clear_faults(self) -> None:
        """End all faults."""
        requests.delete(f"{self.url}/_sandbox/faults", timeout=60).raise_for_status()

    def set_regions(self, **states: str) -> None:
        """Take regions down or bring them up: "up", "503", "403", "timeout"."""
        self.is_changed = True
        self._post("regions", states)

    def mutate(self, action: str, **details: Any) -> Any:
        """Make one change in the world."""
        self.is_changed = True
        return self._post("mutate", {"action": action, **details})

    def advance(self, days: int) -> Any:
        """Let days pass, and return what has changed."""
        self.is_changed = True
        return self._post("advance", {"days": days})

    def bungie(self, control: str, **settings: Any) -> Any:
        """Post to a control of the sandbox's Bungie.net, such as "maintenance"."""
        self.is_changed = True
        return self._post(f"bungie/{control}", settings)

    def bungie_world(self) -> Any:
        """Return the people of the sandbox's Bungie.net with their memberships."""
        return self._get("bungie/world")

    def account_truth(self, membership_id: int) -> Any:
        """Return guardians and items of a Destiny membership as they are."""
        return self._get(f"truth/bungie/{membership_id}")

    def bungie_stats(self) -> Any:
        """Return the statistics of Platform requests, see `stats`, with by_code and busiest_10_seconds."""
        return self._get("bungie/stats")

    def bungie_actions(self) -> Any:
        """Return the actions that arrived since the last reset, and how many of each came too early."""
        return self._get("bungie/actions")

    def expire_tokens(self) -> None:
        """Expire all user tokens, as a changed password does."""
        self._post("tokens/expire", {})

    def _get(self, path: str) -> Any:
        response = requests.get(f"{self.url}/_sandbox/{path}", timeout=60)
        response.raise_for_status()
        return response.json()

    def _post(self, path: str, body: Any) -> Any:
        response = requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=60)
        response.raise_for_status()
        return response.json() if response.content else None


def start_sandbox(*options: str) -> tuple["subprocess.Popen[str]", Sandbox]:
    """Start a sandbox on a free port and wait until it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", "--seed", "1", *options],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    if found is None:
        process.kill()
        raise RuntimeError(f"the sandbox did not start: {line!r}")
    return process, Sandbox(found[0].rstrip(")"))
