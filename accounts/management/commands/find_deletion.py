"""manage.py find_deletion"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.data_requests import proofs_of_deletion


class Command(BaseCommand):
    """Prints when the account with a Battle.net or Bungie.net id was deleted."""

    help = "Show when the account with a Battle.net or Bungie.net id was deleted. The id itself is not stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", type=int)
        parser.add_argument("--bungie", action="store_true", help="the id is one of Bungie.net, not of Battle.net")

    def handle(self, *args: Any, **options: Any) -> None:
        identity = f"bungie/{options['id']}" if options["bungie"] else options["id"]
        dates = [proof.deleted_at for proof in proofs_of_deletion(identity)]
        if not dates:
            site = "Bungie.net" if options["bungie"] else "Battle.net"
            raise CommandError(f"No account with this {site} id was deleted in the last year.")
        for date in dates:
            self.stdout.write(f"Deleted {date:%Y-%m-%d %H:%M} UTC")
