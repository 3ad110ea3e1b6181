"""manage.py sync_plan"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sync.operations.capacity import calls_allowed_a_day, fits, plan


class Command(BaseCommand):
    """Show what the schedules cost."""

    help = "Show what each schedule costs a day, and how much of Blizzard's limit that is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --json."""
        parser.add_argument("--json", action="store_true", help="print the figures as JSON in the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each schedule, the total, and a warning before it no longer fits."""
        lines = plan()
        calls = sum(line.calls_a_day for line in lines)
        share = calls / calls_allowed_a_day()
        if options["json"]:
            figures = {line.tier.value: round(line.calls_a_day, 1) for line in lines}
            self.stdout.write(json.dumps({"calls_a_day": figures, "share": round(share, 4), "fits": fits(lines)}))
            return
        self.stdout.write(f"{'schedule':<18}{'rows':>9}{'a day':>8}{'calls a day':>13}{'share':>8}  oldest figure")
        for line in lines:
            oldest = line.oldest.isoformat(sep=" ", timespec="minutes") if line.oldest else "-"
            self.stdout.write(
                f"{line.tier.value:<18}{line.rows:>9,}{line.runs_a_day:>8.2f}{line.calls_a_day:>13,.0f}"
                f"{line.share:>8.2%}  {oldest}"
            )
        self.stdout.write(f"{'together':<18}{'':>17}{calls:>13,.0f}{share:>8.2%}  of {calls_allowed_a_day():,}")
        if not fits(lines):
            self.stderr.write("This is too much: people would wait, and failures could not be made up for.")
