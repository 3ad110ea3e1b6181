"""The personal data that accounts stores: user, token, sessions, exports and the security log."""

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import security_log
from accounts.models import BattlenetToken, BrowserSession, SecurityEvent, User
from accounts.personal_data import OnDeletion, Retention, Section

RETENTION = (
    Retention(
        _("Your Battle.net id and BattleTag, when you first and last signed in, whether you are a site admin"),
        _("To recognize you when you sign in, and to show other members of your guilds who you are."),
        _("Until you delete your account."),
    ),
    Retention(
        _("The language and the time zone that you chose"),
        _("To show you pages in your language, with times in your zone."),
        _("Until you delete your account."),
    ),
    Retention(
        _("The token that Battle.net gave us at your last sign-in, encrypted, and its scopes"),
        _("To read your list of characters and your collections from Battle.net."),
        _("Until your next sign-in replaces it, Battle.net revokes it or you delete your account. It works for a day."),
    ),
    Retention(
        _("Your sessions: browser, operating system, network (not your full IP address), first and last use"),
        _("To keep you signed in, and so that you can see and end sessions."),
        _("14 days after you signed in, 7 days after the last use, or until you sign out."),
    ),
    Retention(
        _("The security log: sign-ins, changes of permissions, exports and deletions, with your IP address"),
        _("To investigate misuse of an account or a guild. Only site admins can read it."),
        _("One year. When you delete your account, your name and IP addresses are removed from it immediately."),
    ),
    Retention(
        _("An export that you requested and that was too large to download immediately"),
        _("So that you can download it."),
        _("One day."),
    ),
    Retention(
        _("After you delete your account: the date, and a salted hash that cannot be turned back into your id"),
        _("To prove the deletion to you, if you ask and give the id that you signed in with."),
        _("One year after the deletion."),
    ),
)
COLUMNS = {
    "accounts.User.battlenet_id": OnDeletion.DELETED,
    "accounts.User.battletag": OnDeletion.DELETED,
    "accounts.User.language": OnDeletion.DELETED,
    "accounts.User.time_zone": OnDeletion.DELETED,
    "accounts.User_groups.user": OnDeletion.DELETED,
    "accounts.User_user_permissions.user": OnDeletion.DELETED,
    "accounts.BattlenetToken.user": OnDeletion.DELETED,
    "accounts.BrowserSession.user": OnDeletion.DELETED,
    "accounts.BrowserSession.network": OnDeletion.DELETED,
    "accounts.DataExport.user": OnDeletion.DELETED,
    "accounts.SecurityEvent.user": OnDeletion.CLEARED,
    "accounts.SecurityEvent.user_label": OnDeletion.CLEARED,
    "accounts.SecurityEvent.actor": OnDeletion.CLEARED,
    "accounts.SecurityEvent.actor_label": OnDeletion.CLEARED,
    "accounts.SecurityEvent.address": OnDeletion.CLEARED,
    "account.EmailAddress.user": OnDeletion.DELETED,
    "socialaccount.SocialAccount.user": OnDeletion.DELETED,
    "admin.LogEntry.user": OnDeletion.DELETED,
    "admin.LogEntry.object_repr": OnDeletion.DELETED,
}


def export(person: User) -> dict[str, Any]:
    """Return the user, their sessions and the security log about them, but never the token itself."""
    token = BattlenetToken.objects.filter(user=person).defer("access_token", "refresh_token").first()
    return {
        "person": {
            "id": person.pk,
            "battlenet_id": person.battlenet_id,
            "battletag": person.battletag,
            "language": person.language,
            "time_zone": person.time_zone,
            "created_at": person.created_at,
            "last_login": person.last_login,
            "is_site_admin": person.is_staff,
            "groups": list(person.groups.values_list("name", flat=True)),
            "battlenet_token": token and {"scopes": token.scopes, "expires_at": token.expires_at},
        },
        "sessions": list(
            BrowserSession.objects.filter(user=person).values(
                "public_id", "browser", "system", "network", "started_at", "last_used_at", "expire_date"
            )
        ),
        "security_log": [_event(one, person) for one in _events_of(person)],
    }


def count(person: User) -> int:
    """Return the number of security events about the user; the rest is small."""
    return _events_of(person).count()


def lock(person: User) -> None:
    """Lock the user's row, so that no row that references it can be written meanwhile."""
    list(User.objects.select_for_update(of=("self",)).filter(pk=person.pk).values_list("pk"))


def erase(person: User) -> None:
    """Delete the user and their own rows."""
    security_log.forget(person)
    _entries_about(person).delete()
    User.objects.filter(pk=person.pk).delete()


def _events_of(person: User) -> "QuerySet[SecurityEvent]":
    return SecurityEvent.objects.filter(Q(user=person) | Q(actor=person)).order_by("created_at")


def _event(event: SecurityEvent, person: User) -> dict[str, Any]:
    # The IP address of another person is not part of the export.
    is_actor = event.actor_id == person.pk
    return {
        "at": event.created_at,
        "event": event.event,
        "by_you": is_actor,
        "about_you": event.user_id == person.pk,
        "address": event.address if is_actor else None,
    }


def _entries_about(person: User) -> "QuerySet[LogEntry]":
    """Return the entries of the admin's own log about the user: they contain names."""
    tokens = BattlenetToken.objects.filter(user=person)
    accounts = SocialAccount.objects.filter(user=person)
    return LogEntry.objects.filter(
        Q(
            content_type__app_label="accounts",
            object_id__in=[str(person.pk), *map(str, tokens.values_list("pk", flat=True))],
        )
        | Q(
            content_type__app_label="socialaccount",
            object_id__in=[str(pk) for pk in accounts.values_list("pk", flat=True)],
        )
    )


SECTION = Section("accounts", _("Account"), RETENTION, COLUMNS, export, count, erase, lock)
