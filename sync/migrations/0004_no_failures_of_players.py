"""Jobs of accounts whose player has to sign in again, or does not share characters, are no failures any more."""

from django.db import migrations


def let_rest(apps, schema_editor):
    jobs = apps.get_model("sync", "BlizzardJob").objects.filter(kind="account", state="FAILED")
    jobs.filter(error_kind="token_expired").update(state="RESTING")
    # Without a status, nothing was sent: the characters were not shared.
    jobs.filter(error_kind="forbidden", http_status=None).update(state="RESTING", error_kind="not_shared")


class Migration(migrations.Migration):
    dependencies = [("sync", "0003_schedules_of_pictures")]
    operations = [migrations.RunPython(let_rest, migrations.RunPython.noop)]
