"""allauth's Battle.net provider, pointed at the addresses of the settings.

Everything that a visitor could bend through the query string (region, scopes, extra parameters, the purpose
of the trip) is fixed here, and whatever Battle.net may answer ends in one of a few named errors.
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
    """Battle.net does not accept the code, the token or our client."""


class SenselessAnswer(OAuth2Error):  # type: ignore[misc]
    """Battle.net answered with something that is no token or no person."""


class GuildsiteBattlenetAdapter(BattleNetOAuth2Adapter):  # type: ignore[misc]
    """Talks to `BLIZZARD_OAUTH_URL`; returns to `SITE_URL`, the address registered with Battle.net."""

    basic_auth = True

    @property
    def battlenet_region(self) -> str:
        """Signing in is the same for all regions; the query string has no say."""
        return "us"

    @property
    def battlenet_base_url(self) -> str:
        """The OAuth host without a trailing slash."""
        return str(settings.BLIZZARD_OAUTH_URL)

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """The registered redirect address, whatever host name the visitor typed."""
        return f"{settings.SITE_URL}{reverse('battlenet_callback')}"

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> Any:
        """Battle.net's answer to the code."""
        with _making_sense():
            return super().get_access_token_data(*args, **kwargs)

    def parse_token(self, data: Any) -> Any:
        """The token in that answer."""
        with _making_sense():
            return super().parse_token(data)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Who the token belongs to, and what the person really granted, which may be less than was asked.

        An answer without scopes means those that were asked for (RFC 6749, 5.1).
        """
        with _making_sense():
            login = super().complete_login(request, app, token, **kwargs)
            asked = " ".join(self.get_provider().get_scope())
            login.granted_scopes = str(kwargs["response"].get("scope", asked)).split()
            return login


class GuildsiteBattlenetProvider(BattleNetProvider):  # type: ignore[misc]
    """The provider named in `SOCIALACCOUNT_PROVIDERS["battlenet"]["provider_class"]`."""

    oauth2_adapter_class = GuildsiteBattlenetAdapter

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Where to go afterwards is the visitor's choice (checked by allauth), nothing else is."""
        kwargs = super().get_redirect_from_request_kwargs(request)
        return {
            "process": AuthProcess.LOGIN,
            "scope": self.get_scope(),
            "auth_params": {},
            **({"next_url": kwargs["next_url"]} if "next_url" in kwargs else {}),
        }


def stop_at_errors(response: Response, *args: Any, **kwargs: Any) -> None:
    """A hook of the HTTP session: allauth forgets the status, by which trouble differs from refusal.

    The log gets the path and the status, never what was sent or answered: that may hold codes and tokens.
    """
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return
    logger.warning("Signing in: Battle.net answered %s with %d.", urlsplit(response.url).path, status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise HTTPError(status)
    raise Refused(status)


@contextmanager
def _making_sense() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SenselessAnswer(type(error).__name__) from error


battlenet_login = OAuth2LoginView.adapter_view(GuildsiteBattlenetAdapter)
battlenet_callback = OAuth2CallbackView.adapter_view(GuildsiteBattlenetAdapter)
