"""Access to a guild by its address: `guild_page` guards every view of one, `lock_guild` every write."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, Literal, NamedTuple, ParamSpec, cast, overload

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from accounts.compiled_queries import CompiledQuery
from accounts.models import User
from accounts.signed_in import SignedInRequest
from guilds.guild_masters import can_restore
from guilds.models import Guild, Membership, ReinviteFlag, Visibility

READ_METHODS = ("GET", "HEAD")
FORM_METHODS = (*READ_METHODS, "POST")
FORBIDDEN = 403

# With what most pages show: the realm, the ranks' names (see `rank_names`), and whether there are flags.
_GUILD = CompiledQuery(
    lambda region, realm_slug, slug: (
        Guild.objects.at(region, realm_slug, slug)
        .select_related("realm")
        .with_rank_names()
        .annotate(has_flags=Exists(ReinviteFlag.objects.filter(guild=OuterRef("pk"))))
        .order_by()
    ),
    region=str,
    realm_slug=str,
    slug=str,
)

P = ParamSpec("P")
View = Callable[..., HttpResponse]


class GuildAddress(NamedTuple):
    """A guild's region, realm slug and slug; slugs are Blizzard's and can contain any letters."""

    region: str
    realm_slug: str
    slug: str


class GuildConverter:
    """Converts between `<guild:address>` in a URL and an address; reversing also accepts a guild."""

    regex = "[^/]+/[^/]+/[^/]+"

    def to_python(self, value: str) -> GuildAddress:
        return GuildAddress(*value.split("/"))

    def to_url(self, value: Guild | GuildAddress) -> str:
        return value.address if isinstance(value, Guild) else "/".join(value)


class PublicGuildRequest(HttpRequest):
    """A request for a page of a guild, possibly from a visitor."""

    guild: Guild
    htmx: HtmxDetails


class GuildRequest(PublicGuildRequest, SignedInRequest):
    """A request for a page of a guild from a signed-in user."""


class UnconfirmedLink(PermissionDenied):
    """The user is linked to a member of the guild, but the link currently gives no permissions.

    `place` is the membership whose link state says why.
    """

    def __init__(self, place: Membership) -> None:
        self.place = place
        super().__init__(f"{place.link_state}")


@overload
def guild_page(
    *perms: str,
    post: str = "",
    public: Literal[False] = False,
    or_deleted: bool = False,
    methods: Sequence[str] = READ_METHODS,
) -> Callable[[Callable[Concatenate[GuildRequest, P], HttpResponse]], View]: ...


@overload
def guild_page(
    *perms: str, public: Literal[True], methods: Sequence[str] = READ_METHODS
) -> Callable[[Callable[Concatenate[PublicGuildRequest, P], HttpResponse]], View]: ...


def guild_page(
    *perms: str,
    post: str = "",
    public: bool = False,
    or_deleted: bool = False,
    methods: Sequence[str] = READ_METHODS,
) -> Callable[[Callable[Concatenate[GuildRequest, P], HttpResponse]], View]:
    """Guard a view of a guild: it gets `request.guild` if the user has one of `perms` there (`post` for a POST).

    Visitors are sent to the sign-in page, except from `public` pages of a guild that everybody can see.
    See `guild_or_404` for who else is refused.
    """

    def decorate(view: Callable[Concatenate[GuildRequest, P], HttpResponse]) -> View:
        @require_http_methods(list(methods))
        @wraps(view)
        def wrapper(request: HttpRequest, address: GuildAddress, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            asked = (post,) if post and request.method == "POST" else perms
            page = cast(GuildRequest, request)
            page.htmx = HtmxDetails(request)
            try:
                page.guild = guild_or_404(request, address, *asked, public=public, or_deleted=or_deleted)
            except Http404:
                if request.user.is_authenticated:
                    raise
                return _to_sign_in(page, address, methods)
            except UnconfirmedLink as refused:
                return render(request, "guilds/unconfirmed_link.html", {"place": refused.place}, status=FORBIDDEN)
            return view(page, *args, **kwargs)

        return wrapper

    return decorate


def guild_or_404(
    request: HttpRequest, address: GuildAddress, *perms: str, public: bool = False, or_deleted: bool = False
) -> Guild:
    """Return the guild at this address for a user who has one of `perms` there.

    With `public`, everybody can view a guild that is visible to everybody. With `or_deleted`, those who can restore a
    deleted guild get it as well.

    Raises Http404 for outsiders, so that they can't learn which guilds exist, PermissionDenied for members without
    the permission, and UnconfirmedLink for those whose characters there currently give no permissions.
    """
    guild = next(iter(_GUILD(**address._asdict())), None)
    if guild is None:
        raise Http404
    if guild.deleted_at is not None:
        if or_deleted and guild.is_restorable and isinstance(request.user, User) and can_restore(request.user, guild):
            return guild
        raise Http404
    if any(request.user.has_perm(perm, guild) for perm in perms):
        return guild
    if public and "guilds.view" in perms and guild.visibility == Visibility.EVERYBODY:
        return guild
    if isinstance(request.user, User):
        _refuse_member(guild, request.user)
    raise Http404


def _to_sign_in(request: GuildRequest, address: GuildAddress, methods: Sequence[str]) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRefresh()
    # A form that is part of the overview has no page to return to.
    return redirect_to_login(
        request.get_full_path() if "GET" in methods else reverse("guilds:overview", args=(address,))
    )


def _refuse_member(guild: Guild, user: User) -> None:
    places = list(guild.memberships.linked_to(user).select_related("character").order_by("rank", "pk"))
    for place in places:
        # Saves a statement: the guild is loaded already.
        place.guild = guild
    if any(place.is_confirmed for place in places):
        raise PermissionDenied
    if places:
        raise UnconfirmedLink(places[0])


def lock_guild(guild: Guild, actor: User, perm: str) -> Guild:
    """Return the guild, locked until the transaction ends, if the user still has `perm` there.

    The roster can have changed since `guild_page` checked. Raises PermissionDenied.
    """
    locked = Guild.objects.select_for_update(no_key=True).get(pk=guild.pk)
    if not User.objects.get(pk=actor.pk).has_perm(perm, locked):
        raise PermissionDenied
    return locked
