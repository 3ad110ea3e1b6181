"""What is known today of the links between players and characters, so that nobody has to wait for the first sync."""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def fill(apps, schema_editor):
    """Take the last success of each owner's account, and the ids and ranks as they are.

    Every roster is then fetched in full once: only a full answer says which id it lists.
    """
    Character = apps.get_model("characters", "Character")
    Guild = apps.get_model("guilds", "Guild")
    Membership = apps.get_model("guilds", "Membership")
    LedgerEntry = apps.get_model("sync", "LedgerEntry")
    synced_at = LedgerEntry.objects.filter(user=OuterRef("user")).values("succeeded_at")[:1]
    Character.objects.exclude(user=None).update(
        owner_confirmed_at=Subquery(synced_at), account_blizzard_id=F("blizzard_id")
    )
    blizzard_id = Character.objects.filter(pk=OuterRef("character")).values("blizzard_id")[:1]
    Membership.objects.update(roster_blizzard_id=Subquery(blizzard_id), rank_since=F("updated_at"))
    Guild.objects.update(last_modified=None)


class Migration(migrations.Migration):
    dependencies = [
        ("characters", "0003_link_evidence"),
        ("guilds", "0007_link_evidence"),
        ("sync", "0008_claims"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
