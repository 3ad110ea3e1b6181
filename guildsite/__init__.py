"""Project configuration: settings, URLs, Celery, middleware and system checks. No features."""

from guildsite.celery import app as celery_app

__all__ = ["celery_app"]
