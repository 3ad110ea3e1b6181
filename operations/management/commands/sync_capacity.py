"""manage.py sync_capacity"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from operations.capacity import Capacity, capacities


class Command(BaseCommand):
    help = "Show what each schedule costs a day, and its share of each provider's limit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the data as JSON in the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        found = capacities()
        if options["json"]:
            calls = {line.tier: round(line.requests_a_day, 1) for one in found for line in one.schedules}
            share = round(max(one.share for one in found), 4)
            fits = all(one.is_within_limits for one in found)
            self.stdout.write(json.dumps({"calls_a_day": calls, "share": share, "fits": fits}))
            return
        for one in found:
            self._print(one)

    def _print(self, capacity: Capacity) -> None:
        label = capacity.provider.label
        self.stdout.write(f"{label:<18}{'jobs':>9}{'a day':>8}{'calls a day':>13}{'share':>8}  oldest data")
        for line in capacity.schedules:
            oldest = line.oldest.isoformat(sep=" ", timespec="minutes") if line.oldest else "-"
            self.stdout.write(
                f"{line.tier:<18}{line.jobs:>9,}{line.runs_a_day:>8.2f}{line.requests_a_day:>13,.0f}"
                f"{capacity.share_of(line.requests_a_day):>8.2%}  {oldest}"
            )
        total = f"{capacity.requests_a_day:>13,.0f}{capacity.share:>8.2%}  of {capacity.allowed_a_day:,}"
        self.stdout.write(f"{'total':<18}{'':>17}{total}")
        for_rights = f"{capacity.requests_for_rights_a_day:>13,.0f}{'':>8}  {capacity.reserved_for_rights_a_day:,}"
        self.stdout.write(f"{'for permissions':<18}{'':>17}{for_rights} reserved")
        if not capacity.is_within_limits:
            self.stderr.write(f"{label}: over capacity. Players would wait, and retries could not catch up.")
