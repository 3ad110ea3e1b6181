"""Every day those characters are asked about whose time has come, instead of once a week: none waits beyond 30 days."""

from django.db import migrations

NAME = "Due: unconfirmed"


def every_day(apps, schema_editor):
    set_day(apps, "*")


def every_week(apps, schema_editor):
    set_day(apps, "0")


def set_day(apps, day):
    task = apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).first()
    if task is None or task.crontab is None:
        return
    known = task.crontab
    task.crontab = apps.get_model("django_celery_beat", "CrontabSchedule").objects.create(
        minute=known.minute, hour=known.hour, day_of_week=day, timezone=known.timezone
    )
    task.save()


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0012_unreadable_entries"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(every_day, every_week)]
