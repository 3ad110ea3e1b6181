"""manage.py sync_failed"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sync.engine.jobs import Job, JobQuerySet
from sync.engine.providers import providers
from sync.engine.refresh import retry


class Command(BaseCommand):
    help = "List what failed, with its cause; with --retry make all of it due again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--retry", action="store_true", help="make all of it due again")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for provider in providers():
            failed: JobQuerySet[Job] = JobQuerySet(provider.jobs).failed()
            subjects = [field.name for field in provider.jobs._meta.fields if field.is_relation]
            for job in failed.select_related(*subjects).iterator():
                since = job.first_failed_at.isoformat(timespec="seconds") if job.first_failed_at else "?"
                self.stdout.write(f"{job}\t{since}\t{job.error_text}")
            count += retry(failed=failed) if options["retry"] else 0
        if options["retry"]:
            self.stdout.write(f"{count} jobs are due.")
