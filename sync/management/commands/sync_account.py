"""manage.py sync_account"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.models import User
from characters.models import Character
from guilds.models import Guild
from sync.blizzard.client import BlizzardClient
from sync.engine.errors import ApiError
from sync.engine.result import SyncResult
from sync.management.command import SyncCommand
from sync.management.foreground import sync_account, sync_characters, sync_guild


class Command(SyncCommand):
    help = "Fetch a player's characters with their profiles, and the rosters of their guilds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("battletag", metavar="BATTLETAG")

    def sync(self, client: BlizzardClient, **options: Any) -> SyncResult:
        """Sync the player, who must have signed in within the last 24 hours: older tokens have expired."""
        users = (
            User.objects.select_related("battlenet_token")
            .exclude(battlenet_id=None)
            .filter(battletag__iexact=options["battletag"])
        )
        if not users:
            raise CommandError(f"Nobody has signed in as {options['battletag']} yet.")
        if len(users) > 1:
            raise CommandError(f"Several users have the BattleTag {options['battletag']}.")
        account = sync_account(client=client, user=users[0])
        result = account.result
        characters = list(Character.objects.filter(pk__in=account.character_ids).select_related("realm", "membership"))
        with self.progress(f"Characters of {users[0]}", len(characters)) as bar:
            details = sync_characters(client=client, characters=characters, on_progress=bar.update)
        result.failed += details.result.failed
        for guild_id in details.guild_ids:
            guild = Guild.objects.filter(pk=guild_id).select_related("realm").first()
            if guild is None:
                continue  # the roster before showed that it is the same guild
            try:
                sync_guild(client=client, guild=guild)
            except ApiError as error:
                # Its job has the error; the other guilds are still synced.
                self.stderr.write(f"{guild}: {error}")
                result.failed += 1
        return result
