"""manage.py find_deletion"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.data_requests import proofs_of_deletion


class Command(BaseCommand):
    """Prints when the account with a Battle.net id was deleted."""

    help = "Show when the account with a Battle.net id was deleted. The id itself is not stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("battlenet_id", metavar="BATTLENET_ID", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        dates = [proof.deleted_at for proof in proofs_of_deletion(options["battlenet_id"])]
        if not dates:
            raise CommandError("No account with this Battle.net id was deleted in the last year.")
        for date in dates:
            self.stdout.write(f"Deleted {date:%Y-%m-%d %H:%M} UTC")
