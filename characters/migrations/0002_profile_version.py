from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("characters", "0001_initial")]

    operations = [
        migrations.RenameField("character", "details_version", "profile_version"),
        migrations.AlterField(
            "character",
            "profile_version",
            models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="Which columns that fetch wrote, see PROFILE_VERSION."
            ),
        ),
    ]
