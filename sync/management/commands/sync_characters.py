"""manage.py sync_characters"""

from argparse import ArgumentParser
from typing import Any

from characters.models import Character, ProfileState
from sync.blizzard.client import BlizzardClient
from sync.engine.rate_limiter import Lane
from sync.engine.result import SyncResult
from sync.management.command import SyncCommand
from sync.management.foreground import sync_characters


class Command(SyncCommand):
    help = "Fetch the details of the characters that were never fetched, or with --all of every character."
    lane = Lane.BACKGROUND

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--all", action="store_true", help="also those that were fetched before")

    def sync(self, client: BlizzardClient, **options: Any) -> SyncResult:
        """Fetch profiles, except of characters that need a rename, which no endpoint knows."""
        wanted = Character.objects.select_related("realm", "membership").order_by("region", "pk")
        if not options["all"]:
            wanted = wanted.filter(profile_state=ProfileState.UNKNOWN)
        characters = [one for one in wanted if not one.needs_rename]
        with self.progress("Characters", len(characters)) as bar:
            return sync_characters(client=client, characters=characters, on_progress=bar.update).result
