"""The roster ticks off to-do lines and ends alt notes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from guilds.models import Guild, Membership, TodoItem
from sync.blizzard.client import BlizzardClient
from sync.management.foreground import sync_guild
from tests.battlenet import Sandbox

pytestmark = pytest.mark.django_db

State = TodoItem.State


def test_the_next_roster_ticks_off_to_do_lines(
    roster_of: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    guild = roster_of("eu", "quillmarsh", "Second Kettle")
    promoted, removed, kept = guild.memberships.select_related("character__realm").filter(rank__gt=4)[:3]
    for place, kind, to_rank in ((promoted, "PROMOTE", 3), (removed, "REMOVE", None), (kept, "REMOVE", None)):
        TodoItem.objects.create(
            guild=guild,
            character=place.character,
            kind=kind,
            from_rank=place.rank,
            to_rank=to_rank,
            expires_at=timezone.now() + timedelta(days=1),
        )

    def address(place: Membership) -> dict[str, str]:
        one = place.character
        return {"region": one.region, "realm_slug": one.realm.slug, "name": one.name}

    sandbox.mutate("rank", **address(promoted), rank=3)
    sandbox.mutate("leave", **address(removed))
    sync_guild(client=battlenet, guild=guild)
    became = dict(TodoItem.objects.values_list("character__name", "state"))
    assert became == {
        promoted.character.name: State.DONE,
        removed.character.name: State.DONE,
        kept.character.name: State.OPEN,
    }


def test_an_alt_note_ends_when_the_character_changes_guilds(
    roster_of: Callable[..., Guild], battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    guild, other = roster_of("eu", "quillmarsh", "Second Kettle"), roster_of()
    main, alt = guild.memberships.select_related("character__realm").filter(rank__gt=4)[:2]
    Membership.objects.filter(pk=alt.pk).update(noted_main=main)
    moved = {"region": "eu", "realm_slug": main.character.realm.slug, "name": main.character.name}
    where = {"region": other.region, "realm_slug": other.realm.slug, "slug": other.slug}
    sandbox.mutate("join", **moved, guild=where, rank=9)
    sync_guild(client=battlenet, guild=other)
    assert Membership.objects.get(character=main.character).guild == other
    assert Membership.objects.get(pk=alt.pk).noted_main is None
