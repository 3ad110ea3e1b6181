"""manage.py grant_admin"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services import grant_admin


class Command(BaseCommand):
    """Makes somebody a site admin."""

    help = "Make a person who has signed in once a site admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The BattleTag with its number."""
        parser.add_argument("battletag", metavar="BATTLETAG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Says who it was, or why not."""
        try:
            user = grant_admin(battletag=options["battletag"])
        except User.DoesNotExist:
            raise CommandError(f"Nobody signed in as {options['battletag']} yet.") from None
        except User.MultipleObjectsReturned:
            raise CommandError(f"Several people carry the BattleTag {options['battletag']}.") from None
        self.stdout.write(f"{user.battletag} is a site admin now.")
