"""An allauth provider for Bungie.net.

Unlike most, Bungie takes no scope (it was fixed when the application was registered), expects its API key as a header,
and has no PKCE. Somebody who is signed in connects a Bungie account; anybody else signs in with it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import urlencode
from requests import HTTPError

from accounts.oauth_adapter import SignInAdapter
from accounts.oauth_responses import MalformedResponse, Refused, malformed_as_error, require_id

PROVIDER = "bungie"
# Without its number, which makes it at most 63: the longest that a BattleTag can have is 64.
LONGEST_NAME = 57
LARGEST_CODE = 99_999
LARGEST_LIFETIME = 10 * 365 * 24 * 3600
SUCCESS = 1
# Error codes with which Bungie says in a 200 that it is down or has too many requests.
DOWN = frozenset({5, 36, 51, 54, 55, 56, 57, 1651, 1652, 1672, 1688})


@dataclass(frozen=True, slots=True)
class BungieGrant:
    """An authorization at Bungie: the account that gave it, and its tokens."""

    bungie_id: int
    name: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    refresh_expires_at: datetime | None


class BungieOAuth2Client(OAuth2Client):
    """The client of the authorization page. It sends no scope, which Bungie refuses or ignores."""

    def get_redirect_url(self, authorization_url: str, scope: Any, extra_params: Any) -> str:
        wanted = {
            "client_id": self.consumer_key,
            "response_type": "code",
            "state": self.state,
            "redirect_uri": self.callback_url,
        }
        return f"{authorization_url}?{urlencode(wanted | dict(extra_params))}"


class BungieOAuth2Adapter(SignInAdapter):
    """Exchanges the code for tokens, and asks whose they are."""

    provider_id = PROVIDER
    client_class = BungieOAuth2Client

    @property
    def authorize_url(self) -> str:
        return f"{settings.BUNGIE_URL}/en/OAuth/Authorize"

    @property
    def access_token_url(self) -> str:
        # With the slash at the end: a redirect would lose the form.
        return f"{settings.BUNGIE_URL}/Platform/App/OAuth/token/"

    @property
    def headers(self) -> dict[str, str]:
        return {"X-API-Key": settings.BUNGIE_API_KEY}

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Return the login of the token's owner, with the grant as `bungie_grant`."""
        with get_adapter().get_requests_session() as session:
            address = f"{settings.BUNGIE_URL}/Platform/User/GetMembershipsForCurrentUser/"
            answer = session.get(address, headers=self.headers | {"Authorization": f"Bearer {token.token}"})
        with malformed_as_error():
            person = _person(answer.json())
            tokens = kwargs["response"]
            if str(tokens["membership_id"]) != str(person["membershipId"]):
                raise MalformedResponse("the tokens are not those of the person")
            login = self.get_provider().sociallogin_from_response(request, person)
            login.bungie_grant = _grant(login.account, token, tokens)
            return login


def _person(document: Any) -> Any:
    """Return the Bungie.net account of an answer. Raises HTTPError while Bungie is down, and Refused."""
    code = document["ErrorCode"]
    if code in DOWN:
        raise HTTPError(code)
    if code != SUCCESS:
        raise Refused(code)
    return document["Response"]["bungieNetUser"]


def _grant(account: Any, token: Any, tokens: Any) -> BungieGrant:
    now, lifetime = timezone.now(), int(tokens.get("refresh_expires_in") or 0)
    if not 0 <= lifetime <= LARGEST_LIFETIME:
        raise ValueError("not a lifetime")
    return BungieGrant(
        bungie_id=int(account.uid),
        name=account.extra_data["name"],
        access_token=token.token,
        refresh_token=token.token_secret,
        expires_at=token.expires_at or now,
        refresh_expires_at=now + timedelta(seconds=lifetime) if token.token_secret else None,
    )


class BungieAccount(ProviderAccount):
    """A Bungie account, as allauth shows it."""

    def to_str(self) -> str:
        return str(self.account.extra_data.get("name") or self.account.uid)


class BungieProvider(OAuth2Provider):
    """The provider. Its settings are those of `SOCIALACCOUNT_PROVIDERS`."""

    id = PROVIDER
    name = "Bungie"
    account_class = BungieAccount
    oauth2_adapter_class = BungieOAuth2Adapter

    def extract_uid(self, data: Any) -> str:
        """Return the Bungie.net id, which is not one of Destiny. Raises ValueError unless it is one."""
        return require_id(str(data["membershipId"]))

    def extract_extra_data(self, data: Any) -> dict[str, str]:
        """Keep the Bungie name with its number, and nothing else; empty without a valid one."""
        name, code = data.get("cachedBungieGlobalDisplayName"), data.get("cachedBungieGlobalDisplayNameCode")
        if _is_name(name) and isinstance(code, int) and 0 <= code <= LARGEST_CODE:
            return {"name": f"{name}#{code:04d}"}
        # Accounts of before 2021 that never played since have no Bungie name.
        display_name = data.get("displayName")
        return {"name": str(display_name) if _is_name(display_name) else ""}

    def extract_common_fields(self, data: Any) -> dict[str, Any]:
        return {}

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Accept from the visitor only the next URL (which allauth checks), and whether to connect an account."""
        kwargs = super().get_redirect_from_request_kwargs(request)
        connects = request.user.is_authenticated and request.POST.get("process") == AuthProcess.CONNECT
        return {
            "process": AuthProcess.CONNECT if connects else AuthProcess.LOGIN,
            "scope": [],
            "auth_params": {},
            **({"next_url": kwargs["next_url"]} if "next_url" in kwargs else {}),
        }


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable() and bool(value.strip())


bungie_login = OAuth2LoginView.adapter_view(BungieOAuth2Adapter)
bungie_callback = OAuth2CallbackView.adapter_view(BungieOAuth2Adapter)
