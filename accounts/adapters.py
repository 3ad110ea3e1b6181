"""allauth's adapters: accounts without passwords, and the providers Battle.net and Bungie."""

import logging
from datetime import timedelta
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthError
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from requests import RequestException, Session

from accounts import battlenet_connection, bungie_sign_in, security_log, sign_in_errors
from accounts.bungie import PROVIDER, BungieGrant
from accounts.models import User
from accounts.oauth_responses import Refused, protect
from accounts.reauthentication import mark_reauthenticated
from accounts.services import get_or_create_user, store_token, update_battletag
from accounts.signals import bungie_connected, signed_in
from outgoing.bounds import ResponseTooLarge

logger = logging.getLogger(__name__)

TOKEN_LIFETIME = timedelta(hours=24)


class AccountAdapter(DefaultAccountAdapter):
    """Account adapter without passwords, forms and e-mail."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Add no message: the page already shows who is signed in."""

    def is_safe_url(self, url: str) -> bool:
        """Allow only paths on this site as the destination after signing in."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> Any:
        """Store the new token, then send `signed_in`."""
        response = super().post_login(request, user, **kwargs)
        mark_reauthenticated(request.session)
        login = (kwargs.get("signal_kwargs") or {}).get("sociallogin")
        security_log.record(security_log.Event.SIGNED_IN, request=request, user=user, actor=user, **_way_in(login))
        if login is not None and login.account.provider == PROVIDER:
            _take_over_bungie(user, login.bungie_grant)
        else:
            _take_over_battlenet(user, login)
            signed_in.send(sender=User, user=user, request=request)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead those without a World of Warcraft part home."""
        user = request.user
        return reverse("home") if isinstance(user, User) and not user.has_warcraft else reverse("characters:mine")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        security_log.record_failed_sign_in(request, sign_in_errors.INACTIVE.code, user)
        return cast(HttpResponse, super().respond_user_inactive(request, user))


def _take_over_battlenet(user: User, login: Any) -> None:
    if login is None or login.token is None:
        return
    store_token(
        user=user,
        access_token=login.token.token,
        refresh_token=login.token.token_secret,
        expires_at=login.token.expires_at or timezone.now() + TOKEN_LIFETIME,
        scopes=login.granted_scopes,
    )
    update_battletag(user=user, battletag=_battletag_of(login.account))


def _take_over_bungie(user: User, grant: BungieGrant) -> None:
    if not user.has_warcraft:
        update_battletag(user=user, battletag=grant.name)
    bungie_connected.send(sender=User, user=user, grant=grant)


def _way_in(login: Any) -> dict[str, Any]:
    is_bungie = login is not None and login.account.provider == PROVIDER
    return {"with": "Bungie"} if is_bungie else {}


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Maps Battle.net and Bungie.net ids to users, and errors to pages."""

    def get_requests_session(self) -> Session:
        session: Session = super().get_requests_session()
        protect(session)
        return session

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> User:
        """Fill in the Battle.net id and the BattleTag, which can be missing."""
        user: User = sociallogin.user
        if sociallogin.account.provider == PROVIDER:
            return user
        user.battlenet_id = int(sociallogin.account.uid)
        user.battletag = _battletag_of(sociallogin.account) or f"#{user.battlenet_id}"
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Create the rows of a new user: allauth's sign-up would fail in two browsers in parallel."""
        if sociallogin.account.provider == PROVIDER:
            bungie_sign_in.identify(request, sociallogin)
            return
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            battlenet_connection.connect(request, sociallogin, _take_over_battlenet)
        if sociallogin.is_existing:
            return
        person = get_or_create_user(battlenet_id=sociallogin.user.battlenet_id, battletag=sociallogin.user.battletag)
        sociallogin.account, _ = SocialAccount.objects.get_or_create(
            provider=sociallogin.account.provider,
            uid=sociallogin.account.uid,
            defaults={"user": person, "extra_data": sociallogin.account.extra_data},
        )
        sociallogin.user = person

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing: the site sends no e-mail."""

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        problem = _error_for(request, error, exception, extra_context or {})
        raise ImmediateHttpResponse(sign_in_errors.refuse(request, problem, _name_of(provider)))


def _name_of(provider: Any) -> str:
    return "Bungie" if getattr(provider, "id", provider) == PROVIDER else "Battle.net"


def _battletag_of(account: SocialAccount) -> str:
    """Return the BattleTag; empty when Battle.net omitted it or sent something else."""
    return str(account.extra_data.get("battletag", ""))


def _error_for(
    request: HttpRequest, error: str | None, exception: Exception | None, context: dict[str, Any]
) -> sign_in_errors.SignInError:
    if error == AuthError.CANCELLED:
        return sign_in_errors.DENIED
    if exception is None:
        return sign_in_errors.STALE if "state_id" in context else sign_in_errors.REFUSED
    logger.warning("Signing in failed: %s.", type(exception).__name__)
    if isinstance(exception, Refused):
        return sign_in_errors.REFUSED
    if isinstance(exception, RequestException) and not isinstance(exception, ResponseTooLarge):
        return sign_in_errors.DOWN
    return sign_in_errors.MALFORMED
