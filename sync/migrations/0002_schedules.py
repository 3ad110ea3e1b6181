"""The schedules, as rows that can be changed in the admin.

Each installation draws its own minutes and hours, so that not all of them call Battle.net on the hour.
"""

import json
import random

from django.db import migrations

DISPATCH_SECONDS = 2
# Late ones are pointless, since the next one does their work; but the clock of a worker can be ahead of the scheduler's.
DISPATCH_EXPIRES = 30


def create_schedules(apps, schema_editor):
    Crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    Interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute, hour, day = random.randrange(60), random.randrange(24), random.randrange(7)

    def at(hours_later, **when):
        return {"minute": minute, "hour": (hour + hours_later) % 24} | when

    due = {
        "active characters": at(0, hour=f"{hour % 12},{hour % 12 + 12}"),
        "other characters": at(3, day_of_week=day),
        "rosters in use": at(0, hour="*"),
        "all rosters": at(6),
        "game data": at(9, day_of_month=1 + random.randrange(28)),
        "unconfirmed": at(12),
    }
    daily = {
        "Purge deleted guilds": ("sync.tasks.purge_guilds", at(15)),
        "Prune characters": ("sync.tasks.prune_characters", at(18, day_of_week=day)),
        "Clean the security log": ("accounts.tasks.clean_security_log", at(20)),
        "Clear expired sessions": ("accounts.tasks.clear_expired", at(21)),
    }
    tasks = {f"Due: {tier}": ("sync.tasks.mark_due", when, [tier]) for tier, when in due.items()}
    tasks |= {name: (task, when, []) for name, (task, when) in daily.items()}
    for name, (task, when, args) in tasks.items():
        crontab = Crontab.objects.create(timezone="UTC", **{field: str(value) for field, value in when.items()})
        # To mark jobs due takes a moment, and nothing else may hold it up.
        queue = {"queue": "interactive"} if task == "sync.tasks.mark_due" else {}
        Task.objects.create(name=name, task=task, args=json.dumps(args), crontab=crontab, **queue)
    interval, _ = Interval.objects.get_or_create(every=DISPATCH_SECONDS, period="seconds")
    Task.objects.create(
        name="Dispatch",
        task="sync.tasks.dispatch",
        interval=interval,
        queue="interactive",
        expire_seconds=DISPATCH_EXPIRES,
    )


def delete_schedules(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.filter(task__startswith="sync.tasks.").delete()
    tasks.filter(task__startswith="accounts.tasks.").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(create_schedules, delete_schedules)]
