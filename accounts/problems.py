"""The ways in which signing in can fail, each with a page that says what happened and what to do."""

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Problem:
    """One way to fail; `retry` offers the sign-in button again."""

    status: HTTPStatus
    title: str | Promise
    what_happened: str | Promise
    what_to_do: str | Promise
    retry: bool = True


DENIED = Problem(
    HTTPStatus.FORBIDDEN,
    _("You did not sign in"),
    _("Battle.net told us that you declined. Nothing was stored."),
    _("If that was a slip, sign in again. Guildsite only reads your BattleTag and your characters."),
)
STALE = Problem(
    HTTPStatus.BAD_REQUEST,
    _("This sign-in is no longer valid"),
    _(
        "The answer from Battle.net does not belong to a sign-in that you began here: it was used already, "
        "it took too long, or it was begun in another browser."
    ),
    _("Begin again. If it keeps happening, allow cookies for this site."),
)
REFUSED = Problem(
    HTTPStatus.BAD_GATEWAY,
    _("Battle.net did not accept the sign-in"),
    _("Battle.net refused to tell us who you are. The permission may have expired, or Battle.net is in trouble."),
    _("Begin again. If it keeps happening, tell the people who run this site."),
)
GARBLED = Problem(
    HTTPStatus.BAD_GATEWAY,
    _("Battle.net's answer made no sense"),
    _("Battle.net answered, but not with what we need to know who you are. Nothing is wrong with your account."),
    _("Wait a few minutes, then sign in again. If it keeps happening, tell the people who run this site."),
)
BATTLENET_DOWN = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    _("Battle.net does not answer"),
    _("We could not reach Battle.net to confirm who you are. Nothing is wrong with your account."),
    _("Wait a few minutes, then sign in again."),
)
TOO_MANY = Problem(
    HTTPStatus.TOO_MANY_REQUESTS,
    _("Too many attempts"),
    _("There were too many attempts to sign in from your address."),
    _("Wait five minutes, then sign in again."),
    retry=False,
)
INACTIVE = Problem(
    HTTPStatus.FORBIDDEN,
    _("This account is closed"),
    _("The people who run this site closed your account here. Your Battle.net account is not affected."),
    _("Ask the people who run this site."),
    retry=False,
)


def page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The page of this problem, with its HTTP status."""
    return render(request, "accounts/sign_in_problem.html", {"problem": problem}, status=problem.status)
