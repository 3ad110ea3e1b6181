"""The ways in which signing in can fail, each with a page that says what happened and what to do."""

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.security_log import record_failed_sign_in


@dataclass(frozen=True, slots=True)
class SignInError:
    """A way to fail; `retry` offers the sign-in button again, `code` names it in the security log."""

    code: str
    status: HTTPStatus
    title: str | Promise
    what_happened: str | Promise
    what_to_do: str | Promise
    retry: bool = True


DENIED = SignInError(
    "denied",
    HTTPStatus.FORBIDDEN,
    _("You did not sign in"),
    _("Battle.net told us that you declined. Nothing was stored."),
    _("If that was a mistake, sign in again. Guildsite only reads your BattleTag and your characters."),
)
STALE = SignInError(
    "stale",
    HTTPStatus.BAD_REQUEST,
    _("This sign-in is no longer valid"),
    _("It was used already, took too long, or was started in another browser."),
    _("Try again. If this keeps happening, allow cookies for this site."),
)
REFUSED = SignInError(
    "refused",
    HTTPStatus.BAD_GATEWAY,
    _("Battle.net did not accept the sign-in"),
    _("Battle.net did not tell us who you are. The sign-in may have expired, or Battle.net is having problems."),
    _("Try again. If this keeps happening, tell a site admin."),
)
MALFORMED = SignInError(
    "malformed",
    HTTPStatus.BAD_GATEWAY,
    _("Unexpected answer from Battle.net"),
    _("Battle.net's answer does not say who you are. Nothing is wrong with your account."),
    _("Wait a few minutes, then sign in again. If this keeps happening, tell a site admin."),
)
BATTLENET_DOWN = SignInError(
    "battlenet_down",
    HTTPStatus.SERVICE_UNAVAILABLE,
    _("Battle.net does not answer"),
    _("We could not reach Battle.net to sign you in. Nothing is wrong with your account."),
    _("Wait a few minutes, then sign in again."),
)
TOO_MANY = SignInError(
    "too_many",
    HTTPStatus.TOO_MANY_REQUESTS,
    _("Too many attempts"),
    _("There were too many attempts to sign in from your IP address."),
    _("Wait five minutes, then sign in again."),
    retry=False,
)
INACTIVE = SignInError(
    "inactive",
    HTTPStatus.FORBIDDEN,
    _("This account is closed"),
    _("A site admin closed your account here. Your Battle.net account is not affected."),
    _("Ask a site admin."),
    retry=False,
)


def refuse(request: HttpRequest, error: SignInError) -> HttpResponse:
    """Record the failed sign-in in the security log and return its page."""
    record_failed_sign_in(request, error.code)
    return error_page(request, error)


def error_page(request: HttpRequest, error: SignInError) -> HttpResponse:
    """Return the page of this error, with its HTTP status."""
    return render(request, "accounts/sign_in_error.html", {"error": error}, status=error.status)
