"""The page on which people see their own characters."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from accounts.models import BattlenetToken, User
from accounts.region_jobs import jobs_of
from characters.models import Character
from characters.onboarding import obstacle, progress


@dataclass(frozen=True, slots=True)
class GuildGroup:
    """One person's characters in one guild, or those without a guild."""

    guild: Any
    ranks: dict[int, str]
    characters: Sequence[Character]

    @property
    def place(self) -> Any:
        """The membership that gives the person their rights there, or could."""
        places = [one.membership for one in self.characters] if self.guild else []
        return min(places, key=lambda one: (one.link_state != "CONFIRMED", one.rank), default=None)


@require_safe
@vary_on_headers("HX-Request")
def mine(request: HttpRequest) -> HttpResponse:
    """The signed-in person's characters; asks again by itself while they are being fetched."""
    htmx = HtmxDetails(request)
    if htmx and not request.user.is_authenticated:
        return HttpResponseClientRefresh()
    return _mine(request, is_fragment=bool(htmx) and not htmx.history_restore_request)


@login_required
def _mine(request: HttpRequest, *, is_fragment: bool) -> HttpResponse:
    user = cast(User, request.user)
    template = "characters/mine.html#mine" if is_fragment else "characters/mine.html"
    return render(request, template, {"is_fragment": is_fragment, **_state_of(user)})


def _state_of(user: User) -> dict[str, Any]:
    characters = list(_characters_of(user))
    token = BattlenetToken.objects.filter(user=user).first()
    jobs = jobs_of(user)
    musters = _musters(characters)
    can_read = token is not None and token.shares_characters and token.is_usable()
    return {
        "token": token,
        "jobs": jobs,
        "is_retried": can_read and bool(jobs.retried),
        "musters": musters,
        "character_count": len(characters),
        "wow_accounts": wow_account_numbers(characters),
        "obstacle": obstacle(token, jobs, has_characters=bool(characters)),
        "progress": progress(
            jobs,
            [getattr(one, "ledger", None) for one in characters],
            _guild_ledgers(user, musters),
            can_read=can_read,
            now=timezone.now(),
        ),
    }


def wow_account_numbers(characters: Iterable[Character]) -> dict[Any, int]:
    """Character id → number of its WoW account within its region, where there are several: each region has its own."""
    by_region: dict[str, set[int]] = defaultdict(set)
    owned = [(one.pk, one.region, one.wow_account_id) for one in characters if one.wow_account_id is not None]
    for _, region, wow_account in owned:
        by_region[region].add(wow_account)
    return {
        pk: sorted(by_region[region]).index(wow_account) + 1
        for pk, region, wow_account in owned
        if len(by_region[region]) > 1
    }


def _guild_ledgers(user: User, musters: Iterable[GuildGroup]) -> list[Any]:
    """Of the person's guilds, and of those that a profile named and whose roster is still to come."""
    known = {muster.guild.pk: getattr(muster.guild, "ledger", None) for muster in musters if muster.guild}
    awaited = {entry.guild_id: entry for entry in cast(Any, user).awaited.all()}
    return list((known | awaited).values())


def _characters_of(user: User) -> Iterable[Character]:
    return (
        Character.objects.of(user)
        .with_game_data()
        .select_related("ledger", "membership__guild__realm", "membership__guild__ledger")
        .prefetch_related("membership__guild__ranks")
    )


def _musters(characters: Iterable[Character]) -> list[GuildGroup]:
    """By guild, the one with most of the person's characters first and those without a guild last."""
    together: dict[Any, list[Character]] = defaultdict(list)
    for character in sorted(characters, key=_place):
        membership = getattr(character, "membership", None)
        # A guild whose data was deleted is hidden here too.
        guild = membership.guild if membership and membership.guild.deleted_at is None else None
        together[guild].append(character)
    musters = [GuildGroup(guild, _rank_names(guild), members) for guild, members in together.items()]
    return sorted(
        musters, key=lambda one: (one.guild is None, -len(one.characters), one.guild.name if one.guild else "")
    )


def _place(character: Character) -> tuple[bool, int, int, str]:
    membership = getattr(character, "membership", None)
    return (
        not (membership and membership.is_main),
        membership.rank if membership else 0,
        -(character.level or 0),
        character.name,
    )


def _rank_names(guild: Any) -> dict[int, str]:
    return {rank.rank_level: rank.rank_name for rank in guild.ranks.all()} if guild else {}
