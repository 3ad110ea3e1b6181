"""allauth's Battle.net provider, pointed at the addresses of the settings.

Everything that a visitor could bend through the query string (region, scopes, extra parameters, the purpose
of the trip) is fixed here.
"""

from typing import Any

from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.battlenet.provider import BattleNetProvider
from allauth.socialaccount.providers.battlenet.views import BattleNetOAuth2Adapter
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


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

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Adds what the person really granted to the login; Battle.net may grant less than was asked."""
        login = super().complete_login(request, app, token, **kwargs)
        login.granted_scopes = str(kwargs["response"].get("scope", "")).split()
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


battlenet_login = OAuth2LoginView.adapter_view(GuildsiteBattlenetAdapter)
battlenet_callback = OAuth2CallbackView.adapter_view(GuildsiteBattlenetAdapter)
