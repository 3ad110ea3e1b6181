"""Each region of a person's account is a job of its own. Until now an account had one row for all regions."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

ONE_SUBJECT = {"character": None, "guild": None}


def split_accounts(apps, schema_editor):
    LedgerEntry = apps.get_model("sync", "LedgerEntry")
    first, *others = settings.BLIZZARD_REGIONS
    accounts = LedgerEntry.objects.filter(kind="ACCOUNT")
    # What a worker has in hand is due again: its message names the account and not one region of it.
    accounts.filter(state="CLAIMED").update(state="DUE")
    accounts.update(region=first, claim=None, claimed_until=None, is_begun=False, is_asked_again=False)
    copies = []
    for job in accounts.iterator():
        for region in others:
            fields = {field.attname: getattr(job, field.attname) for field in job._meta.concrete_fields}
            copies.append(LedgerEntry(**{**fields, "id": uuid.uuid4(), "region": region}))
    LedgerEntry.objects.bulk_create(copies, batch_size=1_000)
    # PostgreSQL alters no table whose foreign keys wait to be checked.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def join_accounts(apps, schema_editor):
    """Keep the row that succeeded longest ago: nothing else was true of all regions."""
    LedgerEntry = apps.get_model("sync", "LedgerEntry")
    accounts = LedgerEntry.objects.filter(kind="ACCOUNT")
    oldest = accounts.order_by("user_id", models.F("succeeded_at").asc(nulls_first=True)).distinct("user_id")
    accounts.exclude(pk__in=list(oldest.values_list("pk", flat=True))).delete()
    accounts.update(region=None)
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0009_link_evidence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="ledgerentry", name="ledger_entry_has_one_subject"),
        migrations.AddField(
            model_name="ledgerentry",
            name="missing_since",
            field=models.DateTimeField(
                blank=True,
                help_text=(
                    "When Battle.net first said that the account has no characters in the region, where it had some."
                ),
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="account_jobs",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="region",
            field=models.CharField(
                blank=True,
                choices=[("us", "Americas"), ("eu", "Europe"), ("kr", "Korea"), ("tw", "Taiwan")],
                help_text="Of an account, or whose game data it is.",
                max_length=2,
                null=True,
            ),
        ),
        migrations.RunPython(split_accounts, join_accounts),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(fields=("user", "region"), name="ledger_account_once_per_region"),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                condition=Q(kind="GAME_DATA"), fields=("region",), name="ledger_game_data_once_per_region"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(kind="ACCOUNT", user__isnull=False, region__isnull=False, **ONE_SUBJECT),
                    Q(kind="CHARACTER", user=None, character__isnull=False, guild=None, region=None),
                    Q(kind="GUILD", user=None, character=None, guild__isnull=False, region=None),
                    Q(kind="GAME_DATA", user=None, region__isnull=False, **ONE_SUBJECT),
                    _connector="OR",
                ),
                name="ledger_entry_has_one_subject",
            ),
        ),
    ]
