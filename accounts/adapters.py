"""What allauth asks of us while somebody signs in."""

import logging
from datetime import timedelta
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from requests import RequestException, Session

from accounts import security_log
from accounts import sign_in_errors as problems
from accounts.battlenet import Refused, stop_at_errors
from accounts.models import User
from accounts.reauthentication import mark_reauthenticated
from accounts.services import person_of, store_token, take_over_battletag
from accounts.signals import signed_in

logger = logging.getLogger(__name__)

TOKEN_LIFETIME = timedelta(hours=24)
LARGEST_ID = 2**63 - 1
LONGEST_BATTLETAG = 64


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """There are no passwords, forms or e-mails: what allauth would do for them is left out."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """allauth's "signed in as …" says nothing that the page does not show."""

    def is_safe_url(self, url: str) -> bool:
        """Only paths on this site: nobody is sent anywhere else after signing in."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> Any:
        """Keep the new token, then tell the project that the person is here."""
        response = super().post_login(request, user, **kwargs)
        mark_reauthenticated(request.session)
        login = (kwargs.get("signal_kwargs") or {}).get("sociallogin")
        if login is not None and login.token is not None:
            store_token(
                user=user,
                access_token=login.token.token,
                refresh_token=login.token.token_secret,
                expires_at=login.token.expires_at or timezone.now() + TOKEN_LIFETIME,
                scopes=login.granted_scopes,
            )
            take_over_battletag(user=user, battletag=_battletag_of(login.account))
        security_log.record(security_log.Event.SIGNED_IN, request=request, user=user, actor=user)
        signed_in.send(sender=User, user=user, request=request)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Lead a person whose account is closed to the page that says so."""
        security_log.record_failed_sign_in(request, problems.INACTIVE.code, user)
        return cast(HttpResponse, super().respond_user_inactive(request, user))


class BattlenetAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Ties a Battle.net id to its user, and gives each failure a page of its own."""

    def get_requests_session(self) -> Session:
        """What allauth asks Battle.net with."""
        session: Session = super().get_requests_session()
        session.hooks["response"].append(stop_at_errors)
        return session

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> User:
        """The Battle.net id is the user; the BattleTag is optional in Battle.net's answer.

        Raises ValueError for an id that is none.
        """
        user: User = sociallogin.user
        user.battlenet_id = _battlenet_id(sociallogin.account.uid)
        user.battletag = _battletag_of(sociallogin.account) or f"#{user.battlenet_id}"
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Who is new, or whose allauth row is missing, gets their rows here instead of in allauth's sign-up:
        that would fail for the second of two browsers that sign the same new person in at once."""
        if sociallogin.is_existing:
            return
        person = person_of(battlenet_id=sociallogin.user.battlenet_id, battletag=sociallogin.user.battletag)
        sociallogin.account, _ = SocialAccount.objects.get_or_create(
            provider=sociallogin.account.provider,
            uid=sociallogin.account.uid,
            defaults={"user": person, "extra_data": sociallogin.account.extra_data},
        )
        sociallogin.user = person

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
        raise ImmediateHttpResponse(problems.refuse(request, _kind_of(request, error, exception, extra_context or {})))


def _battlenet_id(uid: str) -> int:
    number = int(uid)
    if uid != str(number) or not 0 < number <= LARGEST_ID:
        raise ValueError("not a Battle.net id")
    return number


def _battletag_of(account: SocialAccount) -> str:
    """Empty when Battle.net did not tell it, or told something else in its place."""
    battletag = account.extra_data.get("battletag")
    return battletag if isinstance(battletag, str) and len(battletag) <= LONGEST_BATTLETAG else ""


def _kind_of(
    request: HttpRequest, error: str | None, exception: Exception | None, context: dict[str, Any]
) -> problems.Problem:
    if error == AuthError.CANCELLED:
        return problems.DENIED
    if exception is None:
        return problems.STALE if "state_id" in context else problems.REFUSED
    logger.warning("Signing in failed: %s.", type(exception).__name__)
    if isinstance(exception, Refused):
        return problems.REFUSED
    if isinstance(exception, RequestException):
        return problems.BATTLENET_DOWN
    return problems.GARBLED
