"""The pages where players see their own account and characters, and refresh them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from accounts.compiled_queries import CompiledQuery
from accounts.models import BattlenetToken, User
from accounts.signed_in import SignedInRequest, signed_in
from characters.models import HIDDEN, Character
from guilds.models import Guild, LinkState, Membership
from guilds.ranks import rank_names
from sync.models import BlizzardJob
from sync.refresh_button import start_refresh
from sync.wow import refresh
from sync.wow.matching import membership_of
from sync.wow.pages.player_jobs import Progress, SyncBlocker, account_jobs, find_blocker, player_jobs, progress_of


@dataclass(frozen=True, slots=True)
class CharacterRow:
    """A line of the page; `wow_account` is its number where the player has several in the region."""

    character: Character
    membership: Membership | None
    job: BlizzardJob | None
    wow_account: int | None

    @property
    def state(self) -> str:
        """Return why the data is missing or about to change; empty when there is nothing to say."""
        if self.job is not None and self.job.is_busy:
            return _("being fetched")
        if self.character.needs_rename:
            return _("needs a rename")
        if self.character.profile_state in HIDDEN:
            return _("not shown by Battle.net")
        return ""

    @property
    def has_failed(self) -> bool:
        return self.job is not None and self.job.state == BlizzardJob.State.FAILED


@dataclass(frozen=True, slots=True)
class GuildGroup:
    """A player's characters in one guild, or those without a guild."""

    guild: Guild | None
    ranks: dict[int, str]
    rows: Sequence[CharacterRow]

    @property
    def best_membership(self) -> Membership | None:
        """Return the membership that gives the player their permissions there, or could."""
        found = [row.membership for row in self.rows if self.guild and row.membership]
        return min(found, key=lambda one: (one.link_state != LinkState.CONFIRMED, one.rank), default=None)


@require_safe
@signed_in
def account(request: SignedInRequest) -> HttpResponse:
    """Show who the player is, what Battle.net shares, and how old the list of characters is."""
    user = request.user
    context = {
        "token": BattlenetToken.objects.filter(user=user).first(),
        "character_count": user.characters.count(),
        "jobs": account_jobs(user),
        # Of the other game, whose models this one does not know.
        "bungie_account": getattr(user, "bungie_account", None),
    }
    return render(request, "sync/account.html", context)


@require_safe
@vary_on_headers("HX-Request")
def mine(request: HttpRequest) -> HttpResponse:
    """Show the player's characters; the page polls while they are being fetched."""
    htmx = HtmxDetails(request)
    if htmx and not request.user.is_authenticated:
        return HttpResponseClientRefresh()
    return _mine(request, is_fragment=bool(htmx) and not htmx.history_restore_request)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def refresh_mine(request: SignedInRequest) -> HttpResponse:
    """Refresh the player's characters. A GET after signing in only leads back to the page."""
    user = request.user
    if request.method == "POST":
        token = BattlenetToken.objects.filter(user=user).first()
        if token is not None and token.can_read_characters:
            start_refresh(request, lambda: refresh.refresh_account(user=user), _("Your characters are being fetched."))
        else:
            messages.error(request, _("Sign in again first: Battle.net no longer lets us read your characters."))
    return redirect("characters:mine")


@signed_in
def _mine(request: SignedInRequest, *, is_fragment: bool) -> HttpResponse:
    template = "sync/my_characters.html#mine" if is_fragment else "sync/my_characters.html"
    return render(request, template, {"is_fragment": is_fragment, **_context(request.user)})


def _context(user: User) -> dict[str, Any]:
    characters = _characters_of(user)
    guilds = {guild.pk for one in characters if (guild := _guild_of(one))}
    jobs = player_jobs(user, characters=[one.pk for one in characters], guilds=guilds)
    token = BattlenetToken.objects.filter(user=user).first()
    can_read = token is not None and token.can_read_characters
    blocker = find_blocker(token, jobs.account, has_characters=bool(characters))
    if blocker is SyncBlocker.NO_WARCRAFT and Character.objects.of(user).exists():
        # A worker stored them after the first query.
        return _context(user)
    progress = progress_of(
        jobs.account,
        [jobs.characters.get(one.pk) for one in characters],
        [jobs.guilds.get(pk) for pk in guilds | jobs.guilds.keys()],
        can_read=can_read,
        now=timezone.now(),
    )
    return {
        "jobs": jobs.account,
        "groups": _groups(characters, jobs.characters),
        "character_count": len(characters),
        "blocker": blocker,
        "progress": progress,
        "poll_every": _poll_interval(progress, is_retried=can_read and bool(jobs.account.retried)),
        "can_refresh": not blocker and not progress.is_busy and not jobs.account.postponed_until,
    }


def _poll_interval(progress: Progress, *, is_retried: bool) -> str:
    """Return how often the page polls, as htmx writes it; empty when there is nothing to wait for."""
    if progress.is_busy:
        return "30s" if progress.stalled else "500ms"
    return "5s" if is_retried else ""


_CHARACTERS = CompiledQuery(
    lambda user: Character.objects.of(user).with_game_data().select_related("membership__guild__realm"), user=UUID
)


def _characters_of(user: User) -> list[Character]:
    characters = _CHARACTERS(user=user.pk)
    prefetch_related_objects(characters, "membership__guild__ranks")
    return characters


def _groups(characters: Iterable[Character], jobs: dict[UUID | None, BlizzardJob]) -> list[GuildGroup]:
    """Group by guild, the one with most of the player's characters first and those without a guild last."""
    numbers = _wow_account_numbers(characters)
    by_guild: dict[Guild | None, list[CharacterRow]] = defaultdict(list)
    for one in sorted(characters, key=_order):
        row = CharacterRow(one, membership_of(one), jobs.get(one.pk), numbers.get(one.pk))
        by_guild[_guild_of(one)].append(row)
    groups = [GuildGroup(guild, rank_names(guild) if guild else {}, rows) for guild, rows in by_guild.items()]
    return sorted(groups, key=lambda one: (one.guild is None, -len(one.rows), one.guild.name if one.guild else ""))


def _wow_account_numbers(characters: Iterable[Character]) -> dict[UUID, int]:
    """Number the WoW accounts within each region, where there are several. Returns character id → number."""
    by_region: dict[str, set[int]] = defaultdict(set)
    owned = [(one.pk, one.region, one.wow_account_id) for one in characters if one.wow_account_id is not None]
    for _pk, region, wow_account in owned:
        by_region[region].add(wow_account)
    return {
        pk: sorted(by_region[region]).index(wow_account) + 1
        for pk, region, wow_account in owned
        if len(by_region[region]) > 1
    }


def _guild_of(character: Character) -> Guild | None:
    """Return the character's guild, unless its data was deleted: it is hidden here too."""
    membership = membership_of(character)
    return membership.guild if membership and membership.guild.deleted_at is None else None


def _order(character: Character) -> tuple[bool, int, int, str]:
    membership = membership_of(character)
    return (
        not (membership and membership.is_main),
        membership.rank if membership else 0,
        -(character.level or 0),
        character.name,
    )
