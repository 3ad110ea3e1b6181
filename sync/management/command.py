"""The base of all sync commands: a progress bar, and a summary as text or JSON."""

import json
import sys
import time
from abc import abstractmethod
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from sync.blizzard.client import BlizzardClient
from sync.engine.claims import ClaimLost
from sync.engine.errors import ApiError
from sync.engine.rate_limiter import Lane
from sync.engine.result import SyncResult
from sync.wow.provider import client_for


class SyncCommand(BaseCommand):
    """A sync in the foreground, which exits with 1 if something failed.

    With --json the last line of the output is an object with calls, created, updated, unchanged, removed, failed and
    seconds.
    """

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the summary as JSON in the last line")

    lane = Lane.INTERACTIVE

    @abstractmethod
    def sync(self, client: BlizzardClient, **options: Any) -> SyncResult:
        """Do the work. Can raise ApiError or CommandError."""

    def handle(self, *args: Any, **options: Any) -> None:
        started, client = time.monotonic(), client_for(self.lane)
        calls_before = client.requests
        try:
            result = self.sync(client, **options)
        except ApiError as error:
            raise CommandError(str(error)) from error
        except ClaimLost as error:
            raise CommandError("Another process is syncing this now.") from error
        seconds = round(time.monotonic() - started, 2)
        summary = {"calls": client.requests - calls_before} | asdict(result) | {"seconds": seconds}
        if options["json"]:
            self.stdout.write(json.dumps(summary))
        else:
            self.stdout.write(", ".join(f"{value} {name}" for name, value in summary.items()))
        if result.failed:
            raise CommandError(f"{result.failed} failed; the jobs in the admin say why.")

    def progress(self, label: str, total: int | None = None) -> "tqdm[Any]":
        """Return a progress bar for a terminal; use it as a context manager and call `update`."""
        return tqdm(desc=label, total=total, disable=not sys.stderr.isatty(), leave=True)
