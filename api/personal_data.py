"""The personal data that the API stores: a player's tokens."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import OnDeletion, Retention, Section
from api.models import ApiToken

RETENTION = (
    Retention(
        _("Your API tokens and export addresses: a hash, beginning, name, permissions, guilds, expiry, last use"),
        _("So that your programs can read the site, and so that you can recognize and revoke tokens."),
        _("Until you revoke it, it expires, or you delete your account."),
    ),
)
COLUMNS = {"api.ApiToken.person": OnDeletion.DELETED}


def export(person: User) -> dict[str, Any]:
    """Return the tokens without their hashes."""
    return {"api_tokens": [_token(one) for one in ApiToken.objects.filter(person=person)]}


def count(person: User) -> int:
    """Return the number of tokens."""
    return ApiToken.objects.filter(person=person).count()


def erase(person: User) -> None:
    """Delete the tokens."""
    ApiToken.objects.filter(person=person).delete()


def _token(one: ApiToken) -> dict[str, Any]:
    return {
        "name": one.name,
        "prefix": one.prefix,
        "permissions": one.permissions,
        "guilds": one.guild_ids,
        "export": one.export,
        "query": one.query,
        "made_at": one.created_at,
        "expires_at": one.expires_at,
        "last_used_at": one.last_used_at,
    }


SECTION = Section("api", _("API"), RETENTION, COLUMNS, export, count, erase)
