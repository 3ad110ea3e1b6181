"""What allauth asks of us while somebody signs in."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthError
from django.http import HttpRequest
from django.utils import timezone
from requests import RequestException

from accounts import problems
from accounts.models import User
from accounts.services import store_token, take_over_battletag
from accounts.signals import signed_in

TOKEN_LIFETIME = timedelta(hours=24)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """There are no passwords, forms or e-mails: what allauth would do for them is left out."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """allauth's "signed in as …" says nothing that the page does not show."""

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> Any:
        """Keep the new token, then tell the project that the person is here."""
        response = super().post_login(request, user, **kwargs)
        login = (kwargs.get("signal_kwargs") or {}).get("sociallogin")
        if login is not None and login.token is not None:
            store_token(
                user=user,
                access_token=login.token.token,
                refresh_token=login.token.token_secret,
                expires_at=login.token.expires_at or timezone.now() + TOKEN_LIFETIME,
                scopes=login.granted_scopes,
            )
            take_over_battletag(user=user, battletag=login.account.extra_data.get("battletag", ""))
        signed_in.send(sender=User, user=user)
        return response


class BattlenetAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Ties a Battle.net id to its user, and gives each failure a page of its own."""

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> User:
        """The Battle.net id is the user; the BattleTag is optional in Battle.net's answer."""
        user: User = sociallogin.user
        user.battlenet_id = int(sociallogin.account.uid)
        user.battletag = sociallogin.account.extra_data.get("battletag") or f"#{user.battlenet_id}"
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """A user whose allauth row is missing is still the same person: their key is the Battle.net id."""
        if not sociallogin.is_existing:
            known = User.objects.filter(battlenet_id=sociallogin.account.uid).first()
            if known is not None:
                sociallogin.connect(request, known)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The site sends no mail."""

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Answer with the page that says what happened and what to do."""
        raise ImmediateHttpResponse(problems.page(request, _kind_of(request, error, exception, extra_context or {})))


def _kind_of(
    request: HttpRequest, error: str | None, exception: Exception | None, context: dict[str, Any]
) -> problems.Problem:
    if error == AuthError.CANCELLED:
        return problems.DENIED
    if isinstance(exception, RequestException):
        return problems.BATTLENET_DOWN
    if exception is not None:
        return problems.REFUSED
    if "state_id" in context:
        return problems.STALE
    return problems.REFUSED
