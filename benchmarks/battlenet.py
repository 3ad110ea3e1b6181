"""A sandbox process with Battle.net's limits and latency."""

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
        """Return the statistics since the last reset: requests, refused, busiest_second, by_status, …"""
        return self._get("stats")

    def reset(self) -> None:
        """Reset statistics and rate limits."""
        requests.post(f"{self.url}/_sandbox/reset", json={}, timeout=10).raise_for_status()

    def reset_stats(self) -> None:
        """Reset the statistics, but not the rate limits."""
        requests.post(f"{self.url}/_sandbox/stats/reset", json={}, timeout=10).raise_for_status()

    def guilds(self) -> list[Any]:
        """Return address, name and member count of every guild, the demo guild first."""
        return list(self._get("world")["guilds"])

    def account(self, persona: str) -> Any:
        """Return the ground truth about a persona."""
        return self._get(f"truth/account/{quote(persona)}")

    def environment(self) -> dict[str, str]:
        """Return the environment variables with which the site uses the sandbox."""
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
    """Run a sandbox within the block."""
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
