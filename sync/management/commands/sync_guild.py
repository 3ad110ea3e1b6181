"""manage.py sync_guild"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from characters.models import Character
from sync.blizzard.client import BlizzardClient
from sync.engine.errors import NotFound
from sync.engine.result import SyncResult
from sync.management.command import SyncCommand
from sync.management.foreground import sync_characters, sync_guild
from sync.wow.guilds import find_guild


class Command(SyncCommand):
    help = "Fetch the roster of a guild, and with --characters the details of every member."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("region", choices=settings.BLIZZARD_REGIONS)
        parser.add_argument("realm_slug")
        parser.add_argument("guild_name", help='as in the game ("Knights of Dawn") or as in an address')
        parser.add_argument("--characters", action="store_true", help="also fetch every member")

    def sync(self, client: BlizzardClient, **options: Any) -> SyncResult:
        region, realm_slug, name = options["region"], options["realm_slug"], options["guild_name"]
        try:
            guild = find_guild(client=client, region=region, realm_slug=realm_slug, name=name)
        except NotFound as error:
            raise CommandError(f"Battle.net knows no guild {name} on {realm_slug} ({region}).") from error
        if guild.deleted_at is not None:
            raise CommandError(f"The data of {guild} was deleted here; site admins can reopen it in the admin.")
        result = sync_guild(client=client, guild=guild)
        if options["characters"]:
            members = list(Character.objects.filter(membership__guild=guild).select_related("realm", "membership"))
            with self.progress(f"Members of {guild}", len(members)) as bar:
                details = sync_characters(client=client, characters=members, on_progress=bar.update).result
            result.failed += details.failed
        return result
