"""Members by the names that officers type."""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guilds.models import Guild, Membership

MOST_PROBLEMS_SHOWN = 10


def members_by_name(guild: Guild) -> dict[str, list[Membership]]:
    """Return the guild's members by each of their names, in lower case: Name, Name-Realm and Name-realm-slug."""
    by_name: dict[str, list[Membership]] = {}
    for member in guild.memberships.select_related("character__realm", "noted_main__character"):
        for name in _names_of(member):
            by_name.setdefault(name, []).append(member)
    return by_name


def members_named(guild: Guild, text: str) -> list[Membership]:
    """Return the members with these names, separated by commas or line ends, in one statement.

    Raises ValidationError for unknown and ambiguous names.
    """
    typed = [name.strip() for name in re.split(r"[,;\n]", text) if name.strip()]
    by_name = members_by_name(guild) if typed else {}
    found = {name: by_name.get(name.casefold(), []) for name in typed}
    problems = [name_problem(name, members) for name, members in found.items() if len(members) != 1]
    if problems:
        raise ValidationError(problems[:MOST_PROBLEMS_SHOWN])
    return list({member.pk: member for members in found.values() for member in members}.values())


def name_problem(name: str, found: Iterable[Membership]) -> str:
    """Return why `name` does not name one member: nobody has it, or several have."""
    found = list(found)
    if not found:
        return _('No member is called "%(name)s".') % {"name": name}
    names = [f"{one.character.name}-{one.character.realm.name}" for one in found]
    choices = _(" or ").join(sorted(names))
    return _('"%(name)s" matches %(count)d members: write %(choices)s.') % {
        "name": name,
        "count": len(found),
        "choices": choices,
    }


def _names_of(member: Membership) -> Iterable[str]:
    name, realm = member.character.name, member.character.realm
    return {one.casefold() for one in (name, f"{name}-{realm.name}", f"{name}-{realm.slug}")}
