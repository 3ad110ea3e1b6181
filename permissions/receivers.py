"""Creates the ranks of new guilds."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from guilds.models import Guild
from permissions.services import create_ranks


@receiver(post_save, sender=Guild, dispatch_uid="permissions.create_ranks")
def create_ranks_of_new_guild(sender: type[Guild], instance: Guild, created: bool, raw: bool, **kwargs: Any) -> None:
    """Create the ranks of a guild that is new, or reopened after its data was purged.

    Django's own signal: the sync, which finds guilds, doesn't know this app.
    """
    if raw or instance.deleted_at is not None:
        return
    is_reopened = "deleted_at" in (kwargs.get("update_fields") or ()) and not instance.ranks.exists()
    if created or is_reopened:
        create_ranks(guild=instance)
