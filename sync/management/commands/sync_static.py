"""manage.py sync_static"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from sync.blizzard.client import BlizzardClient
from sync.engine.result import SyncResult
from sync.management.command import SyncCommand
from sync.management.foreground import sync_game_data


class Command(SyncCommand):
    help = "Fetch classes, races, specializations and realms of all configured regions, or of one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--region", choices=settings.BLIZZARD_REGIONS)

    def sync(self, client: BlizzardClient, **options: Any) -> SyncResult:
        """Sync each region; classes, races and specializations, which are the same everywhere, only once."""
        regions = [options["region"]] if options["region"] else settings.BLIZZARD_REGIONS
        results = []
        for number, region in enumerate(regions):
            with self.progress(f"Game data of {region}") as bar:
                results.append(
                    sync_game_data(client=client, region=region, realms_only=number > 0, on_progress=bar.update)
                )
        return SyncResult.total(results)
