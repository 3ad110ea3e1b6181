"""The guilds that a user's characters are in."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import BattlenetToken, User
from accounts.signed_in import SignedInRequest, signed_in
from guilds.guild_masters import restorable_by
from guilds.main_question import MainQuestion, main_question
from guilds.models import Guild, Membership
from guilds.ranks import rank_names
from guilds.update_states import update_states


@dataclass(frozen=True, slots=True)
class MyGuild:
    """A guild of the user. `place` is the membership that gives them their permissions there, or could."""

    guild: Guild
    ranks: dict[int, str]
    place: Membership
    main: str
    characters: int
    question: MainQuestion | None


@require_safe
@signed_in
def mine(request: SignedInRequest) -> HttpResponse:
    """List the guilds that the user's characters are in, and those they can restore."""
    user = request.user
    guilds = guilds_of(user)
    soon = [one.place.link_expires_at for one in guilds if one.place.is_confirmed and one.place.link_expires_soon]
    context = {
        "guilds": guilds,
        "update_states": update_states(Guild, [one.guild.pk for one in guilds]),
        "deleted": restorable_by(user),
        "expires_at": min(filter(None, soon), default=None),
        "shares_characters": bool(guilds) or shares_characters(user),
    }
    return render(request, "guilds/mine.html", context)


def shares_characters(user: User) -> bool:
    """Return whether the user left the box for World of Warcraft ticked when they last signed in."""
    token = BattlenetToken.objects.filter(user=user).first()
    return token is None or token.shares_characters


def guilds_of(user: User) -> list[MyGuild]:
    """Return the user's guilds, the one with most of their characters first."""
    places = (
        Membership.objects.linked_to(user)
        .filter(guild__deleted_at=None)
        .select_related("character", "guild__realm")
        .prefetch_related("guild__ranks")
        .order_by("rank", "character__name")
    )
    by_guild: dict[Guild, list[Membership]] = {}
    for place in places:
        by_guild.setdefault(place.guild, []).append(place)
    now = timezone.now()
    found = [
        MyGuild(
            guild=guild,
            ranks=rank_names(guild),
            place=next((one for one in mine if one.is_confirmed), mine[0]),
            main=next((one.character.name for one in mine if one.main_of_id == user.pk), ""),
            characters=len(mine),
            question=main_question([one for one in mine if one.is_confirmed], now),
        )
        for guild, mine in by_guild.items()
    ]
    return sorted(found, key=lambda one: (-one.characters, one.guild.name))
