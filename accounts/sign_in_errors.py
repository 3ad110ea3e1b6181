"""The ways in which signing in can fail, each with a page that says what happened and what to do."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.security_log import record_failed_sign_in


@dataclass(frozen=True, slots=True)
class SignInError:
    """A way to fail; `retry` offers the sign-in button again, `code` names it in the security log.

    The texts can contain %(provider)s, for Battle.net or Bungie.
    """

    code: str
    status: HTTPStatus
    title: str | Promise
    what_happened: str | Promise
    what_to_do: str | Promise
    retry: bool = True

    def about(self, provider: str) -> "SignInError":
        """Return the error with the provider's name in its texts."""
        words = {"provider": provider}
        return replace(
            self,
            code=self.code if provider == "Battle.net" else f"{provider.lower()}_{self.code}",
            title=str(self.title) % words,
            what_happened=str(self.what_happened) % words,
            what_to_do=str(self.what_to_do) % words,
        )


DENIED = SignInError(
    "denied",
    HTTPStatus.FORBIDDEN,
    _("You did not sign in"),
    _("%(provider)s told us that you declined. Nothing was stored."),
    _("If that was a mistake, sign in again."),
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
    _("%(provider)s did not accept the sign-in"),
    _("%(provider)s did not tell us who you are. The sign-in may have expired, or %(provider)s is having problems."),
    _("Try again. If this keeps happening, tell a site admin."),
)
MALFORMED = SignInError(
    "malformed",
    HTTPStatus.BAD_GATEWAY,
    _("Unexpected answer from %(provider)s"),
    _("The answer of %(provider)s does not say who you are. Nothing is wrong with your account."),
    _("Wait a few minutes, then sign in again. If this keeps happening, tell a site admin."),
)
DOWN = SignInError(
    "down",
    HTTPStatus.SERVICE_UNAVAILABLE,
    _("%(provider)s does not answer"),
    _("We could not reach %(provider)s to sign you in. Nothing is wrong with your account."),
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
    _("A site admin closed your account here. Your account at %(provider)s is not affected."),
    _("Ask a site admin."),
    retry=False,
)


def refuse(request: HttpRequest, error: SignInError, provider: str = "Battle.net") -> HttpResponse:
    """Record the failed sign-in in the security log and return its page."""
    record_failed_sign_in(request, error.about(provider).code)
    return error_page(request, error, provider)


def error_page(request: HttpRequest, error: SignInError, provider: str = "Battle.net") -> HttpResponse:
    """Return the page of this error, with its HTTP status."""
    context = {"error": error.about(provider), "provider": provider}
    return render(request, "accounts/sign_in_error.html", context, status=error.status)
