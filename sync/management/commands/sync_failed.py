"""manage.py sync_failed"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sync.models import BlizzardJob
from sync.wow.refresh import retry


class Command(BaseCommand):
    help = "List what failed, with its cause; with --retry make all of it due again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--retry", action="store_true", help="make all of it due again")

    def handle(self, *args: Any, **options: Any) -> None:
        failed = BlizzardJob.objects.failed()
        for entry in failed.select_related("user", "character", "guild").iterator():
            since = entry.first_failed_at.isoformat(timespec="seconds") if entry.first_failed_at else "?"
            self.stdout.write(f"{entry}\t{since}\t{entry.error_text}")
        if options["retry"]:
            self.stdout.write(f"{retry(failed=failed)} jobs are due.")
