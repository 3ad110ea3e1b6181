"""The Celery application; its tasks live in `sync.tasks`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")

app = Celery("guildsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
