from django.db import migrations

FLAGS = (
    "can_view", "can_manage_roster", "can_edit_info", "can_manage_ranks",
    "can_delete", "can_read_notes", "can_write_notes", "can_refresh",
)


def open_ranks(apps, schema_editor):
    """Guilds that were there before: as `permissions.services.open_ranks` does for new ones."""
    Guild = apps.get_model("guilds", "Guild")
    PermissionSet = apps.get_model("permissions", "PermissionSet")
    Rank = apps.get_model("permissions", "Rank")
    for guild in Guild.objects.all():
        levels = set(range(10)) - set(Rank.objects.filter(guild=guild).values_list("rank_level", flat=True))
        if not levels:
            continue
        master, _ = PermissionSet.objects.get_or_create(
            guild=guild, name="Guild master", defaults=dict.fromkeys(FLAGS, True)
        )
        others, _ = PermissionSet.objects.get_or_create(guild=guild, name="Members")
        Rank.objects.bulk_create(
            Rank(guild=guild, rank_level=level, permission_set=others if level else master) for level in sorted(levels)
        )


class Migration(migrations.Migration):

    dependencies = [("permissions", "0003_grants"), ("guilds", "0003_officers")]

    operations = [migrations.RunPython(open_ranks, migrations.RunPython.noop)]
