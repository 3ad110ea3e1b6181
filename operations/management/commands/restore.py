"""manage.py restore"""

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from psycopg import Error

from operations.backup import restore, resume
from operations.backup.errors import BackupError

SAME_REDIS = (
    "Redis can stay as it is: workers ignore messages in it about work that this database does not know, and what the "
    "rate limiter has counted is now in the request log."
)
LOST_REDIS = (
    "If Redis was lost too, start the workers an hour after the site last sent requests: the request log is only as "
    "new as the backup."
)


class Command(BaseCommand):
    help = "Restore a backup into an empty database, migrate it, and make everything due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--replace",
            action="store_true",
            help="restore into a new database, and keep the present one under another name; stop the site first",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with restore.replaced_database() if options["replace"] else nullcontext("") as old:
                restore.restore(options["file"], tell=self.stdout.write)
                due = resume.mark_everything_due()
                has_redis = resume.count_recent_requests()
        except (BackupError, Error) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{due:,} jobs are due. Accounts are fetched when their players sign in.")
        if has_redis:
            self.stdout.write(SAME_REDIS)
        self.stdout.write(LOST_REDIS)
        if old:
            self.stdout.write(f"The database from before is kept as {old}. Drop it when you do not need it any more.")
