"""The schedules of portraits and icons. The kinds of job get two more values."""

import json
import random

from django.db import migrations, models


def create_schedules(apps, schema_editor):
    Crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute = random.randrange(60)
    for tier in ("portraits and specializations", "icons"):
        # Each run takes those whose week or month is over.
        crontab = Crontab.objects.create(timezone="UTC", minute=str(minute), hour="*")
        Task.objects.create(
            name=f"Due: {tier}",
            task="sync.tasks.mark_due",
            args=json.dumps([tier]),
            crontab=crontab,
            queue="interactive",
        )


def delete_schedules(apps, schema_editor):
    names = ["Due: portraits and specializations", "Due: icons"]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [("sync", "0002_schedules")]

    operations = [
        migrations.AlterField(
            model_name="blizzardjob",
            name="kind",
            field=models.CharField(
                choices=[
                    ("account", "account"),
                    ("profile", "profile"),
                    ("roster", "roster"),
                    ("game_data", "game data"),
                    ("details", "portrait and specializations"),
                    ("icons", "icons"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(create_schedules, delete_schedules),
    ]
