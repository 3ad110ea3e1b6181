"""manage.py backup"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations.backup.errors import BackupError
from operations.backup.history import back_up_and_record


class Command(BaseCommand):
    help = "Back up the database into one file, with a manifest. The site can go on meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", metavar="DIR", type=Path, default=settings.BACKUP_DIR, help="default: BACKUP_DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            file = back_up_and_record(options["to"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(file))
