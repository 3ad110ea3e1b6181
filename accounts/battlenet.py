"""allauth's Battle.net provider with the URLs of the settings.

What a visitor could change through the query string (region, scopes, extra parameters, process) is fixed here, and
every unusable answer of Battle.net becomes one of two named errors.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.battlenet.provider import BattleNetProvider
from allauth.socialaccount.providers.battlenet.views import BattleNetOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from requests import HTTPError, Response, Session

from outgoing.bounds import BoundedAdapter, Bounds

logger = logging.getLogger(__name__)

# Of an answer to a sign-in, which has less than 2 kB; a person waits for it.
BOUNDS = Bounds(size=2**16, seconds=15)
LARGEST_ID = 2**63 - 1
LONGEST_BATTLETAG = 64
_ID = re.compile("[1-9][0-9]{0,18}")
# What a header can contain.
_TOKEN = re.compile("[!-~]{1,4096}")


class Refused(OAuth2Error):  # type: ignore[misc]
    """Battle.net did not accept the code, the token or our client."""


class MalformedResponse(OAuth2Error):  # type: ignore[misc]
    """Battle.net's response contains no valid token or user."""


class GuildsiteBattlenetAdapter(BattleNetOAuth2Adapter):  # type: ignore[misc]
    """Sends requests to `BLIZZARD_OAUTH_URL` and redirects back to `SITE_URL`, which is registered with Battle.net."""

    basic_auth = True

    @property
    def battlenet_region(self) -> str:
        """Return a fixed region: signing in is the same for all of them."""
        return "us"

    @property
    def battlenet_base_url(self) -> str:
        return str(settings.BLIZZARD_OAUTH_URL)

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Return the registered redirect URI, whatever host name the visitor used."""
        return f"{settings.SITE_URL}{reverse('battlenet_callback')}"

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> Any:
        with _malformed_as_error():
            return super().get_access_token_data(*args, **kwargs)

    def parse_token(self, data: Any) -> Any:
        with _malformed_as_error():
            token = super().parse_token(data)
            if not (_TOKEN.fullmatch(token.token) and _TOKEN.fullmatch(token.token_secret or "none")):
                raise ValueError("not a token")
            return token

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Return the user of the token with the granted scopes, which can be fewer than requested.

        A response without scopes means those requested (RFC 6749, 5.1).
        """
        with _malformed_as_error():
            login = super().complete_login(request, app, token, **kwargs)
            requested = self.get_provider().get_scope()
            granted = str(kwargs["response"].get("scope", " ".join(requested))).split()
            login.granted_scopes = [one for one in requested if one in granted]
            return login


class GuildsiteBattlenetProvider(BattleNetProvider):  # type: ignore[misc]
    """The Battle.net provider that SOCIALACCOUNT_PROVIDERS names."""

    oauth2_adapter_class = GuildsiteBattlenetAdapter

    def extract_uid(self, data: Any) -> str:
        """Return the id. Raises ValueError unless it is one."""
        uid: str = super().extract_uid(data)
        if not _ID.fullmatch(uid) or int(uid) > LARGEST_ID:
            raise ValueError("not a Battle.net id")
        return uid

    def extract_extra_data(self, data: Any) -> dict[str, str]:
        """Keep the BattleTag, if there is a valid one, and nothing else."""
        battletag = data.get("battletag")
        is_valid = isinstance(battletag, str) and len(battletag) <= LONGEST_BATTLETAG and battletag.isprintable()
        return {"battletag": battletag} if is_valid else {}

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Accept only the next URL (which allauth checks) from the visitor."""
        kwargs = super().get_redirect_from_request_kwargs(request)
        return {
            "process": AuthProcess.LOGIN,
            "scope": self.get_scope(),
            "auth_params": {},
            **({"next_url": kwargs["next_url"]} if "next_url" in kwargs else {}),
        }


def protect(session: Session) -> None:
    """Let a session read answers within bounds, follow no redirect, and raise for an error status."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter(BOUNDS))
    session.max_redirects = 0
    session.hooks["response"].append(raise_for_error)


def raise_for_error(response: Response, *args: Any, **kwargs: Any) -> None:
    """Raise for an error status. A hook of the HTTP session: allauth would drop the status.

    Logs the path and the status only: bodies can contain codes and tokens.
    """
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return
    logger.warning("Signing in: Battle.net answered %s with %d.", urlsplit(response.url).path, status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise HTTPError(status)
    raise Refused(status)


@contextmanager
def _malformed_as_error() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise MalformedResponse(type(error).__name__) from error


battlenet_login = OAuth2LoginView.adapter_view(GuildsiteBattlenetAdapter)
battlenet_callback = OAuth2CallbackView.adapter_view(GuildsiteBattlenetAdapter)
