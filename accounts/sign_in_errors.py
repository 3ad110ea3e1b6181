"""The ways in which signing in can fail, each with a page that says what happened and what to do."""

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.security_log import record_failed_sign_in


@dataclass(frozen=True, slots=True)
class Problem:
    """One way to fail; `retry` offers the sign-in button again, `code` is its name in the security log."""

    code: str
    status: HTTPStatus
    title: str | Promise
    what_happened: str | Promise
    what_to_do: str | Promise
    retry: bool = True


DENIED = Problem(
    "denied",
    HTTPStatus.FORBIDDEN,
    _("You did not sign in"),
    _("Battle.net told us that you declined. Nothing was stored."),
    _("If that was a slip, sign in again. Guildsite only reads your BattleTag and your characters."),
)
STALE = Problem(
    "stale",
    HTTPStatus.BAD_REQUEST,
    _("This sign-in is no longer valid"),
    _(
        "The answer from Battle.net does not belong to a sign-in that you began here: it was used already, "
        "it took too long, or it was begun in another browser."
    ),
    _("Begin again. If it keeps happening, allow cookies for this site."),
)
REFUSED = Problem(
    "refused",
    HTTPStatus.BAD_GATEWAY,
    _("Battle.net did not accept the sign-in"),
    _("Battle.net refused to tell us who you are. The permission may have expired, or Battle.net is in trouble."),
    _("Begin again. If it keeps happening, tell the people who run this site."),
)
GARBLED = Problem(
    "garbled",
    HTTPStatus.BAD_GATEWAY,
    _("Battle.net's answer made no sense"),
    _("Battle.net answered, but not with what we need to know who you are. Nothing is wrong with your account."),
    _("Wait a few minutes, then sign in again. If it keeps happening, tell the people who run this site."),
)
BATTLENET_DOWN = Problem(
    "battlenet_down",
    HTTPStatus.SERVICE_UNAVAILABLE,
    _("Battle.net does not answer"),
    _("We could not reach Battle.net to confirm who you are. Nothing is wrong with your account."),
    _("Wait a few minutes, then sign in again."),
)
TOO_MANY = Problem(
    "too_many",
    HTTPStatus.TOO_MANY_REQUESTS,
    _("Too many attempts"),
    _("There were too many attempts to sign in from your address."),
    _("Wait five minutes, then sign in again."),
    retry=False,
)
INACTIVE = Problem(
    "inactive",
    HTTPStatus.FORBIDDEN,
    _("This account is closed"),
    _("The people who run this site closed your account here. Your Battle.net account is not affected."),
    _("Ask the people who run this site."),
    retry=False,
)


def refuse(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Write the failed sign-in into the security log and return its page."""
    record_failed_sign_in(request, problem.code)
    return page(request, problem)


def page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The page of this problem, with its HTTP status."""
    return render(request, "accounts/sign_in_problem.html", {"problem": problem}, status=problem.status)
