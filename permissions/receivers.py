"""A new guild begins with every right for its master and reading for everybody else."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from guilds.models import Guild
from permissions.services import open_ranks


@receiver(post_save, sender=Guild, dispatch_uid="permissions.open_ranks")
def open_ranks_of_new_guild(sender: type[Guild], instance: Guild, created: bool, raw: bool, **kwargs: Any) -> None:
    """Django's own signal, since the sync, which finds guilds, does not know this app.

    A guild that is reopened after its data went for good begins anew too.
    """
    if raw or instance.deleted_at is not None:
        return
    is_reopened = "deleted_at" in (kwargs.get("update_fields") or ()) and not instance.ranks.exists()
    if created or is_reopened:
        open_ranks(guild=instance)
