"""manage.py mark_due"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sync.engine.kinds import all_kinds, mark_tier_due


class Command(BaseCommand):
    help = "Make the jobs of a tier due now, as its schedule does; the workers run them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tier", help='such as "portraits and specializations"')

    def handle(self, *, tier: str, **options: Any) -> None:
        """Make them due, and say how many."""
        known = [one.name for kind in all_kinds() for one in kind.tiers]
        if tier not in known:
            raise CommandError(f"{tier!r} is none of: {', '.join(known)}.")
        self.stdout.write(f"{tier}: {mark_tier_due(tier)} due")
