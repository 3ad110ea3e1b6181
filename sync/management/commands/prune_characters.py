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
from sync.wow import revalidation as confirmation
from sync.wow.retention import Verdict

# Characters asked about before what they say is written.
BATCH = 100


class Command(SyncCommand):
    """What the site may not, or need not, keep."""

    help = (
        "Remove characters that have been without owner and guild for too long, and ask Battle.net about those that "
        "it was not asked about for four weeks. With --dry-run say who would go and why, and change nothing."
    )
    lane = Lane.BACKGROUND

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Do it, or only say it."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="change nothing; `removed` counts who would go")

    def sync(self, client: BlizzardClient, **options: Any) -> SyncResult:
        """A line for each that goes or is released, with the reason."""
        is_dry = options["dry_run"]
        result = SyncResult()
        abandoned = retention.abandoned() if is_dry else retention.prune_abandoned()
        self._tell(abandoned, result, is_dry=is_dry)
        entries = confirmation.unconfirmed().exclude(character__in=[one.character.pk for one in abandoned])
        ids = list(entries.order_by("character__region", "character_id").values_list("character_id", flat=True))
        with self.progress("Characters", len(ids)) as bar:
            for first in range(0, len(ids), BATCH):
                some = Character.objects.filter(pk__in=ids[first : first + BATCH]).select_related("realm", "membership")
                findings = confirmation.ask_all(client, list(some), bar.update)
                verdicts = confirmation.judge(findings) if is_dry else confirmation.settle(findings)
                self._tell(verdicts, result, is_dry=is_dry)
                failed = sum(1 for one in findings if one.is_failure)
                result.add(SyncResult(failed=failed, unchanged=len(findings) - len(verdicts) - failed))
        return result

    def _tell(self, verdicts: Iterable[Verdict], result: SyncResult, *, is_dry: bool) -> None:
        would_be = "would be " if is_dry else ""
        for one in verdicts:
            result.removed += one.is_removed
            result.updated += not one.is_removed
            deed = "removed" if one.is_removed else "released"
            self.stdout.write(f"{one.character}\t{one.character.realm}\t{would_be}{deed}\t{one.reason}")
