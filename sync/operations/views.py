"""How a guild is kept in step, for those who may refresh it; and the buttons that ask Battle.net anew."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, F, Min, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.models import BattlenetToken, User
from characters.templatetags.freshness import in_words
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.models import Guild
from sync.models import BlizzardJob, BlizzardJobQuerySet
from sync.wow import refresh as asking

State = BlizzardJob.State
FAILURES_PER_PAGE = 50
# Who had to sign in first comes back with a GET, which leads to the page and does nothing.
button = require_http_methods(["GET", "HEAD", "POST"])


@guild_page("guilds.refresh")
def guild(request: GuildRequest) -> HttpResponse:
    """When roster and characters were last true, what is due, and what failed, fifty a page."""
    guild = request.guild
    failed = BlizzardJob.objects.failed().of_guild(guild).select_related("guild", "character__realm")
    # The roster first, since everything else hangs on it.
    page = Paginator(failed.order_by(F("character__name").asc(nulls_first=True), "pk"), FAILURES_PER_PAGE).get_page(
        request.GET.get("page")
    )
    ledger = getattr(guild, "ledger", None)
    context = {
        "guild": guild,
        "ledger": ledger,
        "characters": characters_of(guild),
        "page": page,
        "asked": QueryDict(),
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "again_at": asking.may_ask_again_at(ledger),
        "pause": asking.PAUSE.seconds // 60,
    }
    return render(request, "sync/guild.html", context)


@guild_page("guilds.refresh", methods=FORM_METHODS)
def refresh_guild(request: GuildRequest) -> HttpResponse:
    """Ask for the roster now."""
    guild = request.guild
    if request.method == "POST":
        _ask(request, lambda: asking.refresh_guild(guild=guild), _("The roster is being fetched."))
    return redirect("sync:guild", guild)


@guild_page("guilds.refresh", methods=FORM_METHODS)
def retry(request: GuildRequest) -> HttpResponse:
    """Try one failure again, those that are ticked, or all; of this guild only, whatever the form says."""
    guild = request.guild
    if request.method == "POST":
        _tell(request, asking.retry(failed=_wanted(request, guild)))
    return redirect("sync:guild", guild)


@button
@login_required
def refresh_mine(request: HttpRequest) -> HttpResponse:
    """Ask for the person's own characters now."""
    if request.method == "POST":
        _refresh_account(request, cast(User, request.user))
    return redirect("characters:mine")


def characters_of(guild: Guild) -> dict[str, Any]:
    """How many characters of the roster are kept in step, since when all of them were true, and what is to come."""
    rows = BlizzardJob.objects.filter(character__membership__guild=guild)
    return rows.aggregate(
        count=Count("pk"),
        oldest=Min("succeeded_at"),
        never=Count("pk", filter=Q(succeeded_at=None)),
        due=Count("pk", filter=Q(state=State.DUE)),
        running=Count("pk", filter=Q(state=State.CLAIMED)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
    )


def _refresh_account(request: HttpRequest, user: User) -> None:
    token = BattlenetToken.objects.filter(user=user).first()
    if token is None or not token.is_usable() or not token.shares_characters:
        messages.error(request, _("Sign in again first: without your permission Battle.net shows us no account."))
    else:
        _ask(request, lambda: asking.refresh_account(user=user), _("Your characters are being fetched."))


def _ask(request: HttpRequest, ask: Callable[[], None], done: str) -> None:
    try:
        ask()
    except asking.TooSoon as error:
        span = in_words(timezone.now() - error.again_at)
        messages.error(request, _("This was asked for a moment ago. You may ask again %(span)s.") % {"span": span})
    else:
        messages.success(request, done)


def _wanted(request: HttpRequest, guild: Guild) -> BlizzardJobQuerySet:
    rows = BlizzardJob.objects.of_guild(guild)
    if "all" in request.POST:
        return rows
    ticked = [request.POST["one"]] if "one" in request.POST else request.POST.getlist("entry")
    return rows.filter(pk__in=list(_ids(ticked)))


def _tell(request: HttpRequest, count: int) -> None:
    if count:
        said = ngettext("%(count)d failure is tried again.", "%(count)d failures are tried again.", count)
        messages.success(request, said % {"count": count})
    else:
        messages.error(request, _("Nothing to try again: tick what you mean, unless it has been tried meanwhile."))


def _ids(texts: list[str]) -> Iterator[UUID]:
    for text in texts:
        with suppress(ValueError):
            yield UUID(text)
