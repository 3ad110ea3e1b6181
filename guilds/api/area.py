"""Permissions for guilds that a token can have."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from api.areas import Area
from guilds.models import Guild
from guilds.rights import LABELS

VIEW, MANAGE, READ_NOTES = "guilds.view", "guilds.manage_roster", "guilds.read_notes"


def guilds_to_choose(person: User) -> list[tuple[UUID, str]]:
    """Return the guilds that the player's characters are in, by name."""
    return [(one.pk, f"{one.name} ({one.realm.name})") for one in guilds_read_by(person)]


def guilds_read_by(person: User) -> list[Guild]:
    """Return the guilds that the player's characters are in, and that a token includes if the request has one."""
    found = Guild.objects.open().filter(memberships__character__user=person).distinct()
    guilds = found.select_related("realm").order_by("name", "pk")
    limit = person.rights_limit
    return [one for one in guilds if limit is None or limit(VIEW, one)]


AREA = Area(
    {
        VIEW: LABELS[VIEW],
        MANAGE: _("see who plays the characters of others, leaves and officers' events"),
        READ_NOTES: LABELS[READ_NOTES],
    },
    guilds_to_choose,
)
