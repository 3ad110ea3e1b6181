"""Wiring: settings, URLs, Celery, the admin's door. No feature lives here."""

from guildsite.celery import app as celery_app

__all__ = ["celery_app"]
