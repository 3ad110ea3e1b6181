"""Authentication: a personal token in a header, a session in a browser, or the token in an export address."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import SessionAuth
from ninja.security.http import HttpAuthBase

from accounts.models import User
from api.limits import count_request
from api.models import ApiToken
from api.tokens import usable_token


class PersonalToken(HttpAuthBase):
    """Authenticates by `Authorization: Bearer <token>`; the request's user is then the player, limited to the token."""

    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> User | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, secret = header.partition(" ")
        token = usable_token(secret.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            # Also if there is a session: who sends a token wants its answer.
            raise AuthenticationError
        return _act_as(request, token)


class Session(SessionAuth):
    """Authenticates by the session of a browser. What changes something needs Django's CSRF token, too."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        user = super().authenticate(request, key)
        if user is not None:
            count_request(request, f"person {user.pk}")
        return user


class ExportAddress:
    """Authenticates by the token in the path, which reads this one export. Others are told that there is nothing."""

    def __init__(self, export: str) -> None:
        self.export = export

    def __call__(self, request: HttpRequest) -> ApiToken:
        match = request.resolver_match
        token = usable_token(match.kwargs["token"], export=self.export) if match else None
        if token is None:
            raise Http404
        _act_as(request, token)
        return token


def require(user: User, permission: str) -> None:
    """Check a permission that only tokens need, for the player's own data. Raises PermissionDenied."""
    if user.rights_limit is not None and not user.rights_limit(permission, None):
        raise PermissionDenied


def _act_as(request: HttpRequest, token: ApiToken) -> User:
    count_request(request, f"token {token.pk}")
    request.user = token.person
    return token.person
