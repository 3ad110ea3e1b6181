"""manage.py sync_manifest"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sync.destiny.manifest.editions import current_edition
from sync.destiny.manifest.kind import manifest_job, manifest_jobs
from sync.destiny.manifest.sync import sync_manifest
from sync.destiny.provider import DestinyOff, client_for
from sync.engine.claims import ClaimLost
from sync.engine.errors import ApiError
from sync.engine.rate_limiter import Lane
from sync.engine.transitions import attempt


class Command(BaseCommand):
    help = "Fetch Bungie's manifest if there is a new one, put it into the stores, and let pages read it."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            client = client_for(Lane.INTERACTIVE)
            manifest_job()
            with attempt(manifest_jobs()) as claim:
                has_changed = sync_manifest(client=client, claim=claim)
        except DestinyOff as error:
            raise CommandError("Destiny 2 is off: set BUNGIE_CLIENT_ID and what belongs to it.") from error
        except ApiError as error:
            raise CommandError(str(error)) from error
        except ClaimLost as error:
            raise CommandError("Another process is fetching the manifest now.") from error
        edition = current_edition()
        if edition is None:
            raise CommandError("There is no edition.")
        count = sum(sum(tables.values()) for tables in edition.counts.values())
        news = "is current now" if has_changed else "was current already"
        self.stdout.write(f"Manifest {edition.version} {news}: {count:,} definitions in {', '.join(edition.paths)}.")
