"""The sandbox as a benchmark uses it: a Battle.net with its limits and its latency, in a process of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

LATENCY_MS = 120
CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"


@dataclass(frozen=True, slots=True)
class Battlenet:
    """A running sandbox, by its address."""

    url: str

    def stats(self) -> Any:
        """What arrived since the last reset: requests, refused, busiest_second, by_status, …"""
        return self._get("stats")

    def reset(self) -> None:
        """Forget what was counted, and what counts against the limits."""
        requests.post(f"{self.url}/_sandbox/reset", json={}, timeout=10).raise_for_status()

    def reset_stats(self) -> None:
        """Forget what was counted; the limits go on."""
        requests.post(f"{self.url}/_sandbox/stats/reset", json={}, timeout=10).raise_for_status()

    def guilds(self) -> list[Any]:
        """Address, name and number of members of every guild, the demo guild first."""
        return list(self._get("world")["guilds"])

    def account(self, persona: str) -> Any:
        """All that is so of a persona."""
        return self._get(f"truth/account/{quote(persona)}")

    def environment(self) -> dict[str, str]:
        """What makes a process of the site take the sandbox for Battle.net."""
        return {
            "BLIZZARD_CLIENT_ID": CLIENT_ID,
            "BLIZZARD_CLIENT_SECRET": CLIENT_SECRET,
            "BLIZZARD_OAUTH_URL": self.url,
            "BLIZZARD_API_URL": self.url,
        }

    def _get(self, path: str) -> Any:
        answer = requests.get(f"{self.url}/_sandbox/{path}", timeout=10)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def battlenet(*options: str, latency_ms: int = LATENCY_MS) -> Iterator[Battlenet]:
    """A sandbox for the time of a block."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--latency-ms", str(latency_ms), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://[\d.:]+", process.stdout.readline())
        if found is None:
            raise SystemExit("benchmarks: the sandbox did not start.")
        yield Battlenet(found[0])
    finally:
        process.terminate()
        process.wait()
