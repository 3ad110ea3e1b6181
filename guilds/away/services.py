"""The writes of roster rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from characters.models import Character
from guilds.access import lock_guild
from guilds.edit_conflict import check_version, version_of
from guilds.models import Guild, RosterRule

MOST_RULES = 20
COLUMNS = (
    "name",
    "action",
    "to_rank",
    "measure",
    "days",
    "per_player",
    "ranks",
    "below_level",
    "joined_within",
)


@transaction.atomic
def add_rule(*, guild: Guild, actor: User, terms: Mapping[str, Any], exempt: Iterable[Character]) -> RosterRule:
    """Add a rule with these columns that spares these characters.

    Raises PermissionDenied, and ValidationError if the guild has too many.
    """
    lock_guild(guild, actor, "guilds.manage_roster")
    if guild.roster_rules.count() >= MOST_RULES:
        raise ValidationError(_("The guild has %(count)d rules already. Delete one first.") % {"count": MOST_RULES})
    rule = RosterRule.objects.create(guild=guild, **terms)
    rule.exempt.set(exempt)
    return rule


@transaction.atomic
def change_rule(
    *, guild: Guild, actor: User, rule: RosterRule, terms: Mapping[str, Any], exempt: Iterable[Character], version: str
) -> None:
    """Save other terms for a rule, whose `version` the user saw. Raises EditConflict and PermissionDenied."""
    lock_guild(guild, actor, "guilds.manage_roster")
    now = guild.roster_rules.get(pk=rule.pk)
    check_version(version, content_of(now))
    for name, value in terms.items():
        setattr(now, name, value)
    now.save(update_fields=(*terms, "updated_at"))
    now.exempt.set(exempt)


@transaction.atomic
def delete_rule(*, guild: Guild, actor: User, rule: RosterRule) -> None:
    """Delete a rule. To-do items that came from it stay. Raises PermissionDenied."""
    lock_guild(guild, actor, "guilds.manage_roster")
    guild.roster_rules.filter(pk=rule.pk).delete()


def content_of(rule: RosterRule) -> list[Any]:
    """Return what a version of the rule is about."""
    exempt = sorted(str(pk) for pk in rule.exempt.values_list("pk", flat=True))
    return [*(getattr(rule, name) for name in COLUMNS), exempt]


def rule_version(rule: RosterRule) -> str:
    """Return the version of the rule as it is now."""
    return version_of(content_of(rule))
