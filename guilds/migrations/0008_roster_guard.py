"""What the roster guard remembers, in columns of its own, and what members who come back are given again.

The column `doubted_roster` stays in the database for one release, since processes of the release before read it.
"""

import uuid
from datetime import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MISSING = "missing since "


def keep_the_missing(apps, schema_editor):
    """Since when guilds are not found is kept. A roster in doubt is doubted again when it comes the next time."""
    Guild = apps.get_model("guilds", "Guild")
    for guild in Guild.objects.filter(doubted_roster__startswith=MISSING):
        guild.not_found_since = datetime.fromisoformat(guild.doubted_roster.removeprefix(MISSING))
        guild.save(update_fields=("not_found_since",))


class Migration(migrations.Migration):

    dependencies = [
        ('characters', '0003_link_evidence'),
        ('guilds', '0007_link_evidence'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='guild',
            name='doubted_roster',
            field=models.CharField(blank=True, db_default='', max_length=64),
        ),
        migrations.AddField(
            model_name='guild',
            name='not_found_since',
            field=models.DateTimeField(blank=True, help_text='Since when Battle.net has not known the guild at its address.', null=True),
        ),
        migrations.AddField(
            model_name='guild',
            name='roster_doubted_at',
            field=models.DateTimeField(blank=True, help_text='When a roster lacked so many members that it was not believed.', null=True),
        ),
        migrations.AddField(
            model_name='guild',
            name='roster_doubted_characters',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, help_text='The characters that it and every one since lacked.', null=True, size=None),
        ),
        migrations.AddField(
            model_name='guild',
            name='roster_doubted_modified',
            field=models.DateTimeField(blank=True, help_text="Battle.net's own time of that roster: only a later one confirms it.", null=True),
        ),
        migrations.AddField(
            model_name='guild',
            name='roster_snapshot_at',
            field=models.DateTimeField(blank=True, help_text="Battle.net's own time of the roster that is shown.", null=True),
        ),
        migrations.RunPython(keep_the_missing, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name='guild', name='doubted_roster')],
        ),
        migrations.AlterField(
            model_name='guild',
            name='last_modified',
            field=models.DateTimeField(blank=True, help_text='Only a later roster is requested. Empty or a second early to have the same one again.', null=True),
        ),
        migrations.CreateModel(
            name='FormerAltNote',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('ended_at', models.DateTimeField()),
                ('alt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='characters.character')),
                ('guild', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_alt_notes', to='guilds.guild')),
                ('main', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='characters.character')),
            ],
            options={
                'verbose_name': 'former alt note',
                'verbose_name_plural': 'former alt notes',
                'ordering': ('-ended_at',),
                'indexes': [models.Index(fields=['ended_at'], name='former_alt_note_ended_at')],
                'constraints': [models.UniqueConstraint(fields=('guild', 'alt'), name='former_alt_note_once_per_guild')],
            },
        ),
        migrations.CreateModel(
            name='FormerMember',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('blizzard_id', models.BigIntegerField(verbose_name='Blizzard id')),
                ('joined_seen_at', models.DateTimeField(blank=True, null=True)),
                ('left_at', models.DateTimeField()),
                ('main_choice', models.CharField(blank=True, choices=[('OWN', "the person's own choice"), ('OFFICER', "an officer's choice")], max_length=7)),
                ('character', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_memberships', to='characters.character')),
                ('guild', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_members', to='guilds.guild')),
                ('main_chosen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('main_of', models.ForeignKey(blank=True, help_text='The player whose chosen main it was; empty when nobody had chosen it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('realm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='characters.realm')),
            ],
            options={
                'verbose_name': 'former member',
                'verbose_name_plural': 'former members',
                'ordering': ('-left_at',),
                'indexes': [models.Index(fields=['left_at'], name='former_member_left_at')],
                'constraints': [models.UniqueConstraint(fields=('guild', 'character'), name='former_member_once_per_guild')],
            },
        ),
    ]
