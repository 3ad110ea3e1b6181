"""The 90 days: the sandbox's world changes, the site syncs the roster, and people come by."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from accounts.models import User
from characters.models import Character
from demo import officers
from demo.people import sign_in
from demo.simulated_time import on
from demo.world import SandboxWorld
from guilds.models import Guild, Membership, TodoItem
from sync.blizzard.client import BlizzardClient
from sync.management.foreground import sync_characters, sync_guild
from sync.wow.guilds import find_guild

# Days between two rosters; each costs the start of the demo a third of a second.
STEP = 7
# Profiles fetched on each evening.
PROFILES = 40
EVENING = timedelta(hours=19, minutes=40)
MASTER, OFFICER, RAIDER, SOCIAL = "guildmaster", "officer", "raider", "social"
# Who signs in on which day. A sign-in lasts 30 days.
SIGN_INS = {
    0: (MASTER,),
    7: (OFFICER, RAIDER, SOCIAL),
    28: (MASTER, OFFICER),
    56: (MASTER, OFFICER),
    77: (RAIDER, SOCIAL),
    84: (MASTER, OFFICER),
}


class History:
    """A guild's life from the first roster on, one evening every few days."""

    def __init__(self, world: SandboxWorld, client: BlizzardClient, first_day: datetime) -> None:
        self.world, self.client, self.first_day = world, client, first_day
        summary = world.summary()["demo_guild"]
        self.address = {"region": summary["region"], "realm_slug": summary["realm_slug"], "name": summary["name"]}
        self.people: dict[str, User] = {}
        self.events: list[dict[str, Any]] = []

    def live(self, days: int) -> None:
        """Live through the days."""
        for day in range(0, days, STEP):
            with on(self.first_day + timedelta(days=day) + EVENING):
                self._evening(day)
            self.events = self.world.advance(min(STEP, days - day))

    def _evening(self, day: int) -> None:
        guild = find_guild(client=self.client, **self.address)
        self._plan_what_happens(guild)
        sync_guild(client=self.client, guild=guild)
        for persona in SIGN_INS.get(day, ()):
            self.people[persona] = sign_in(self.world, self.client, persona)
        self._fetch_profiles(guild)
        guild.refresh_from_db()
        self._work(guild, day)

    def _fetch_profiles(self, guild: Guild) -> None:
        """Fetch the profiles of a raid of members, the players' first, so that their item levels have a history."""
        members = Character.objects.filter(membership__guild=guild).select_related("realm", "membership")
        raid = members.order_by(F("user").asc(nulls_last=True), F("level").desc(nulls_last=True), "blizzard_id")
        sync_characters(client=self.client, characters=list(raid[:PROFILES]))

    def _work(self, guild: Guild, day: int) -> None:
        """Do what officers and players do on such an evening."""
        master = self.people[MASTER]
        officer = self.people.get(OFFICER, master)
        if day == 0:
            officers.set_up(guild, master)
            return
        officers.write_note(guild, officer, day // STEP)
        if day == 14:
            officers.note_alts(guild)
            officers.choose_main(guild, self.people[RAIDER])
            officers.set_rules(guild, officer)
        if day == 77:
            officers.grant_for_a_raid(guild, master, self.people[SOCIAL])
            officers.go_on_leave(guild, officer, self.people[RAIDER])
        if day == 84:
            officers.plan_for_next_week(guild, officer)

    def _plan_what_happens(self, guild: Guild) -> None:
        """Put on the to-do list what then happens in the game, so that the roster ticks it off."""
        kinds = {"promoted": TodoItem.Kind.PROMOTE, "demoted": TodoItem.Kind.DEMOTE, "left": TodoItem.Kind.REMOVE}
        here = [one for one in self.events if one["guild"] and one["guild"]["name"] == guild.name]
        # One of each kind.
        for event in {one["kind"]: one for one in here if one["kind"] in kinds}.values():
            members = Membership.objects.filter(guild=guild, character__blizzard_id=event["character"]["id"])
            officer = self.people.get(OFFICER, self.people[MASTER])
            officers.plan(guild, officer, kinds[event["kind"]], members, event.get("to"))
