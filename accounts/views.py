"""The front door: landing, signing in and out, the account page."""

import logging
from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.core import is_ratelimited
from redis.exceptions import RedisError

from accounts import battlenet
from accounts import sign_in_errors as problems

logger = logging.getLogger(__name__)


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What the site is, for visitors; their characters, for the signed-in."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "landing.html")


@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """The page with the one button."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/sign_in.html", {"next": request.GET.get("next", "")})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def battlenet_login(request: HttpRequest) -> HttpResponse:
    """Send the person to Battle.net (POST); a GET asks for the click first."""
    if request.method == "HEAD":
        # allauth takes all that is no GET for the click.
        request.method = "GET"
    if request.method == "POST" and _too_many_attempts(request, "sign-in"):
        return problems.refuse(request, problems.TOO_MANY)
    return cast(HttpResponse, battlenet.battlenet_login(request))


@never_cache
@require_safe
def battlenet_callback(request: HttpRequest) -> HttpResponse:
    """Where Battle.net sends the person back to."""
    if _too_many_attempts(request, "sign-in-callback"):
        return problems.refuse(request, problems.TOO_MANY)
    return cast(HttpResponse, battlenet.battlenet_callback(request))


@require_safe
def inactive(request: HttpRequest) -> HttpResponse:
    """For people whose account an admin closed."""
    return problems.page(request, problems.INACTIVE)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("landing")


def _too_many_attempts(request: HttpRequest, step: str) -> bool:
    """Counts this one. There is no password to guess, so without Redis people come in uncounted."""
    try:
        return bool(is_ratelimited(request, group=step, key="ip", rate=settings.SIGN_IN_RATE, increment=True))
    except RedisError:
        logger.warning("Redis does not answer: attempts to sign in are not counted.")
        return False
