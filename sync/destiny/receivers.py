"""Signals: a Bungie account is connected, and the schedules of Destiny come and go with its settings."""

from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from accounts.bungie import BungieGrant
from accounts.models import User
from accounts.signals import bungie_connected
from destiny.accounts import connect
from sync.destiny.jobs import BungieJob, open_account_jobs
from sync.destiny.schedules import update_schedules
from sync.engine import transitions
from sync.engine.dispatch import send_now


@receiver(bungie_connected, dispatch_uid="sync.destiny.store_grant")
@transaction.atomic
def store_grant(sender: type[User], user: User, grant: BungieGrant, **kwargs: Any) -> None:
    """Store the tokens, and fetch the memberships now. They stay due when Redis cannot be reached."""
    account = connect(
        user=user,
        bungie_id=grant.bungie_id,
        name=grant.name,
        access_token=grant.access_token,
        refresh_token=grant.refresh_token,
        expires_at=grant.expires_at,
        refresh_expires_at=grant.refresh_expires_at,
    )
    wanted = open_account_jobs(account).filter(kind=BungieJob.Kind.MEMBERSHIPS)
    transitions.mark_due(wanted, BungieJob.Priority.INTERACTIVE)
    transaction.on_commit(partial(send_now, wanted))


@receiver(post_migrate, dispatch_uid="sync.destiny.update_schedules")
def update_after_migrations(sender: Any, **kwargs: Any) -> None:
    """Add or remove them after migrations, which have created the tables."""
    if sender.name == "sync" and "django_celery_beat_periodictask" in connection.introspection.table_names():
        update_schedules()
