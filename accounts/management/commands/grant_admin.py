"""manage.py grant_admin"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services import grant_admin


class Command(BaseCommand):
    """Makes a user a site admin."""

    help = "Make a user a site admin. They must have signed in once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("battletag", metavar="BATTLETAG")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = grant_admin(battletag=options["battletag"])
        except User.DoesNotExist:
            raise CommandError(f"Nobody has signed in as {options['battletag']} yet.") from None
        except User.MultipleObjectsReturned:
            raise CommandError(f"Several users have the BattleTag {options['battletag']}.") from None
        self.stdout.write(f"{user.battletag} is now a site admin.")
