"""manage.py doctor"""

import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from textwrap import fill
from typing import Any

from django.core.management.base import BaseCommand

from operations.doctor.examination import examine
from operations.health.finding import Finding, Severity

WIDTH = 100


class Command(BaseCommand):
    help = "Check everything an operator can get wrong, and say how to mend it. Exit status 1 for errors and warnings."
    # It reports them itself.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = examine()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in found], indent=1))
        else:
            self._print(found)
        if any(one.severity != Severity.HINT for one in found):
            raise SystemExit(1)

    def _print(self, found: list[Finding]) -> None:
        for one in found:
            self.stdout.write(fill(f"{one.severity:<8} {one.text}", WIDTH, subsequent_indent=" " * 9))
            self.stdout.write(fill(one.mend, WIDTH, initial_indent=" " * 9, subsequent_indent=" " * 9))
        counts = Counter(one.severity for one in found)
        total = ", ".join(f"{counts[one]} {one}{'s' if counts[one] != 1 else ''}" for one in Severity if counts[one])
        self.stdout.write(f"{total}." if found else "Nothing is wrong.")
