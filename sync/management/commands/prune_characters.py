"""manage.py prune_characters"""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from characters.models import Character
from sync.blizzard.client import BlizzardClient
from sync.engine.rate_limiter import Lane
from sync.engine.result import SyncResult
from sync.management.command import SyncCommand
from sync.wow import retention
from sync.wow.retention import Removal

# Characters whose status is fetched before it is written.
BATCH = 100


class Command(SyncCommand):
    help = (
        "Remove characters that have been without owner and guild for too long, and check with Battle.net those that "
        "were not checked for four weeks. With --dry-run, list what would be removed and why."
    )
    lane = Lane.BACKGROUND

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="write nothing; `removed` counts what would be")

    def sync(self, client: BlizzardClient, **options: Any) -> SyncResult:
        """Write a line with the reason for each removed or unlinked character."""
        is_dry = options["dry_run"]
        result = SyncResult()
        expired = retention.find_expired() if is_dry else retention.delete_expired()
        self._report(expired, result, is_dry=is_dry)
        entries = retention.due_jobs().exclude(character__in=[one.character.pk for one in expired])
        ids = list(entries.order_by("character__region", "character_id").values_list("character_id", flat=True))
        with self.progress("Characters", len(ids)) as bar:
            for first in range(0, len(ids), BATCH):
                some = Character.objects.filter(pk__in=ids[first : first + BATCH]).select_related("realm", "membership")
                statuses = retention.fetch_all(client, list(some), bar.update)
                found = retention.find_removals if is_dry else retention.apply_statuses
                removals = found(statuses)
                self._report(removals, result, is_dry=is_dry)
                failed = sum(1 for one in statuses if one.is_failure)
                result.add(SyncResult(failed=failed, unchanged=len(statuses) - len(removals) - failed))
        return result

    def _report(self, removals: Iterable[Removal], result: SyncResult, *, is_dry: bool) -> None:
        would_be = "would be " if is_dry else ""
        for one in removals:
            result.removed += one.is_deleted
            result.updated += not one.is_deleted
            done = "removed" if one.is_deleted else "unlinked"
            self.stdout.write(f"{one.character}\t{one.character.realm}\t{would_be}{done}\t{one.reason}")
