"""The common part of the adapters of both providers: where a sign-in returns to, and which tokens it takes."""

from typing import Any

from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.oauth_responses import malformed_as_error, require_token


class SignInAdapter(OAuth2Adapter):
    """Redirects back to `SITE_URL`, which is registered, and refuses malformed tokens."""

    basic_auth = True

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Return the registered redirect URL, whatever host name the visitor used."""
        return f"{settings.SITE_URL}{reverse(f'{self.provider_id}_callback')}"

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> Any:
        with malformed_as_error():
            return super().get_access_token_data(*args, **kwargs)

    def parse_token(self, data: Any) -> Any:
        with malformed_as_error():
            return require_token(super().parse_token(data))
