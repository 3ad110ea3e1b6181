"""allauth's Battle.net provider with the URLs of the settings.

What a visitor could change through the query string (region, scopes, extra parameters, process) is fixed here.
"""

from typing import Any

from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.battlenet.provider import BattleNetProvider
from allauth.socialaccount.providers.battlenet.views import BattleNetOAuth2Adapter
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import HttpRequest

from accounts.oauth_adapter import SignInAdapter
from accounts.oauth_responses import malformed_as_error, require_id

LONGEST_BATTLETAG = 64


class GuildsiteBattlenetAdapter(SignInAdapter, BattleNetOAuth2Adapter):
    """Sends requests to `BLIZZARD_OAUTH_URL`."""

    @property
    def battlenet_region(self) -> str:
        """Return a fixed region: signing in is the same for all of them."""
        return "us"

    @property
    def battlenet_base_url(self) -> str:
        return str(settings.BLIZZARD_OAUTH_URL)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Return the user of the token with the granted scopes, which can be fewer than requested.

        A response without scopes means those requested (RFC 6749, 5.1).
        """
        with malformed_as_error():
            login = super().complete_login(request, app, token, **kwargs)
            requested = self.get_provider().get_scope()
            granted = str(kwargs["response"].get("scope", " ".join(requested))).split()
            login.granted_scopes = [one for one in requested if one in granted]
            return login


class GuildsiteBattlenetProvider(BattleNetProvider):
    """The Battle.net provider that SOCIALACCOUNT_PROVIDERS names."""

    oauth2_adapter_class = GuildsiteBattlenetAdapter

    def extract_uid(self, data: Any) -> str:
        """Return the id. Raises ValueError unless it is one."""
        return require_id(super().extract_uid(data))

    def extract_extra_data(self, data: Any) -> dict[str, str]:
        """Keep the BattleTag, if there is a valid one, and nothing else."""
        battletag = data.get("battletag")
        is_valid = isinstance(battletag, str) and len(battletag) <= LONGEST_BATTLETAG and battletag.isprintable()
        return {"battletag": battletag} if is_valid else {}

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Accept from the visitor only the next URL (which allauth checks), and whether to connect the account."""
        kwargs = super().get_redirect_from_request_kwargs(request)
        connects = request.user.is_authenticated and request.POST.get("process") == AuthProcess.CONNECT
        return {
            "process": AuthProcess.CONNECT if connects else AuthProcess.LOGIN,
            "scope": self.get_scope(),
            "auth_params": {},
            **({"next_url": kwargs["next_url"]} if "next_url" in kwargs else {}),
        }


battlenet_login = OAuth2LoginView.adapter_view(GuildsiteBattlenetAdapter)
battlenet_callback = OAuth2CallbackView.adapter_view(GuildsiteBattlenetAdapter)
