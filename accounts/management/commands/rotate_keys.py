"""manage.py rotate_keys"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.key_rotation import BATCH, rotate_tokens


class Command(BaseCommand):
    """Encrypts tokens with the current key."""

    help = (
        "Encrypt the stored tokens with CRYPTOGRAPHY_KEY that are encrypted with one of CRYPTOGRAPHY_KEY_FALLBACKS. "
        "It can be interrupted and run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help="rows in one transaction (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        result = rotate_tokens(batch=options["batch"])
        self.stdout.write(
            f"{result.rotated} re-encrypted, {result.current} had the current key, {result.unreadable} unreadable."
        )
        if result.unreadable:
            self.stdout.write("The owners of unreadable tokens must sign in again.")
        self.stdout.write("No token needs CRYPTOGRAPHY_KEY_FALLBACKS any more.")
