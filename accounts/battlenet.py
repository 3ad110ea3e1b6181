"""allauth's Battle.net provider with the URLs of the settings.

What a visitor could change through the query string (region, scopes, extra parameters, process) is fixed here, and
every unusable answer of Battle.net becomes one of two named errors.
"""

import logging
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
from requests import HTTPError, Response

logger = logging.getLogger(__name__)


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
            return super().parse_token(data)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Return the user of the token with the granted scopes, which can be fewer than requested.

        A response without scopes means those requested (RFC 6749, 5.1).
        """
        with _malformed_as_error():
            login = super().complete_login(request, app, token, **kwargs)
            requested = " ".join(self.get_provider().get_scope())
            login.granted_scopes = str(kwargs["response"].get("scope", requested)).split()
            return login


class GuildsiteBattlenetProvider(BattleNetProvider):  # type: ignore[misc]
    """The Battle.net provider that SOCIALACCOUNT_PROVIDERS names."""

    oauth2_adapter_class = GuildsiteBattlenetAdapter

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Accept only the next URL (which allauth checks) from the visitor."""
        kwargs = super().get_redirect_from_request_kwargs(request)
        return {
            "process": AuthProcess.LOGIN,
            "scope": self.get_scope(),
            "auth_params": {},
            **({"next_url": kwargs["next_url"]} if "next_url" in kwargs else {}),
        }


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
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MalformedResponse(type(error).__name__) from error


battlenet_login = OAuth2LoginView.adapter_view(GuildsiteBattlenetAdapter)
battlenet_callback = OAuth2CallbackView.adapter_view(GuildsiteBattlenetAdapter)
