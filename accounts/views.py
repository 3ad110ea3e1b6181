"""The landing page, and signing in and out."""

import logging
from typing import NamedTuple, cast

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.core import is_ratelimited
from redis.exceptions import RedisError

from accounts import battlenet, bungie, sign_in_errors

logger = logging.getLogger(__name__)


class SampleMember(NamedTuple):
    """A line of the sample roster on the landing page."""

    name: str
    rank: int
    rank_name: str
    class_id: int
    class_label: str
    role: str
    item_level: int
    is_main: bool = False


SAMPLE_ROSTER = (
    SampleMember("Aldemere", 0, "Castellan", 2, "Protection Paladin", "TANK", 684, is_main=True),
    SampleMember("Sœurgrise", 1, "Steward", 5, "Holy Priest", "HEALER", 679),
    SampleMember("Quillandra", 2, "Warden", 8, "Frost Mage", "DAMAGE", 681, is_main=True),
    SampleMember("Pennyknife", 3, "Raider", 4, "Outlaw Rogue", "DAMAGE", 676),
    SampleMember("Mossbeard", 3, "Raider", 11, "Restoration Druid", "HEALER", 677),
    SampleMember("Hollowmarch", 5, "Recruit", 6, "Unholy Death Knight", "DAMAGE", 662),
)


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Show the landing page to visitors; redirect users to their home page."""
    if request.user.is_authenticated:
        return redirect("home")
    return render(request, "landing.html", {"sample_roster": SAMPLE_ROSTER})


@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in page."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/sign_in.html", {"next": request.GET.get("next", "")})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def battlenet_login(request: HttpRequest) -> HttpResponse:
    """Redirect to Battle.net (POST); a GET shows the page with the button first."""
    if request.method == "HEAD":
        # allauth treats every other method as the POST.
        request.method = "GET"
    if request.method == "POST" and _too_many_attempts(request, "sign-in"):
        return sign_in_errors.refuse(request, sign_in_errors.TOO_MANY)
    return cast(HttpResponse, battlenet.battlenet_login(request))


@never_cache
@require_safe
def battlenet_callback(request: HttpRequest) -> HttpResponse:
    """Complete the sign-in after Battle.net redirects back."""
    if _too_many_attempts(request, "sign-in-callback"):
        return sign_in_errors.refuse(request, sign_in_errors.TOO_MANY)
    return cast(HttpResponse, battlenet.battlenet_callback(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bungie_login(request: HttpRequest) -> HttpResponse:
    """Redirect to Bungie (POST); a GET shows the page with the button first."""
    if request.method == "HEAD":
        request.method = "GET"
    if request.method == "POST" and _too_many_attempts(request, "sign-in"):
        return sign_in_errors.refuse(request, sign_in_errors.TOO_MANY, "Bungie")
    return cast(HttpResponse, bungie.bungie_login(request))


@never_cache
@require_safe
def bungie_callback(request: HttpRequest) -> HttpResponse:
    """Complete the sign-in, or connect the account, after Bungie redirects back."""
    if _too_many_attempts(request, "sign-in-callback"):
        return sign_in_errors.refuse(request, sign_in_errors.TOO_MANY, "Bungie")
    return cast(HttpResponse, bungie.bungie_callback(request))


@require_safe
def inactive(request: HttpRequest) -> HttpResponse:
    """Show that the account was closed by a site admin."""
    return sign_in_errors.error_page(request, sign_in_errors.INACTIVE)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return redirect("landing")


def _too_many_attempts(request: HttpRequest, step: str) -> bool:
    """Count this attempt. Without Redis nothing is limited: there is no password to guess."""
    try:
        return bool(is_ratelimited(request, group=step, key="ip", rate=settings.SIGN_IN_RATE, increment=True))
    except RedisError:
        logger.warning("Redis does not answer: sign-in attempts are not limited.")
        return False
