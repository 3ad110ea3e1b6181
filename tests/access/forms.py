"""Forms that the access tests send, filled in so that the guild master changes something with them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from guilds.away.forms import RuleForm
from guilds.away.services import rule_version
from guilds.edit_conflict import version_of
from guilds.settings.services import info_of
from permissions.services import ranks_version
from tests.access.two_guilds import TwoGuilds


def info(two_guilds: TwoGuilds) -> dict[str, Any]:
    return {
        "description": "New",
        "recruiting": "",
        "visibility": "MEMBERS",
        "version": version_of(info_of(two_guilds.guild)),
    }


def ranks(two_guilds: TwoGuilds) -> dict[str, Any]:
    data: dict[str, Any] = {"version": ranks_version(two_guilds.guild), "confirm": "1"}
    for rank in two_guilds.guild.ranks.all():
        data |= {
            f"name-{rank.rank_level}": "New" if rank.rank_level == 9 else rank.rank_name,
            f"initial-name-{rank.rank_level}": rank.rank_name,
            f"set-{rank.rank_level}": rank.permission_set_id,
            f"initial-set-{rank.rank_level}": rank.permission_set_id,
        }
    return data


def first_steps(two_guilds: TwoGuilds) -> dict[str, Any]:
    return {"version": ranks_version(two_guilds.guild), "confirm": "1", "name-9": "New"}


def permission_set(two_guilds: TwoGuilds) -> dict[str, Any]:
    return {"name": "Renamed", "rights": [], "version": ranks_version(two_guilds.guild), "confirm": "1"}


def rule(two_guilds: TwoGuilds) -> dict[str, Any]:
    data = {
        "name": "Renamed",
        "measure": "NOT_SEEN",
        "days": 40,
        "per_player": "1",
        "action": "WARN",
        "ranks": ["5"],
        "save": "1",
        "version": rule_version(two_guilds.rows[two_guilds.guild]["rule"]),
    }
    form = RuleForm(data, guild=two_guilds.guild, ranks={})
    assert form.is_valid()
    return {**data, "previewed": form.digest()}


def leave(two_guilds: TwoGuilds) -> dict[str, Any]:
    today = timezone.localdate()
    return {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=3)).isoformat(), "reason": "Holiday"}


def line(two_guilds: TwoGuilds) -> dict[str, Any]:
    rows = two_guilds.rows[two_guilds.guild]
    return {"line": [f"{rows['rule'].pk}:{rows['membership'].pk}"], "kind": "REMOVE"}


def grant(two_guilds: TwoGuilds) -> dict[str, Any]:
    person = two_guilds.rows[two_guilds.guild]["holder"].pk
    until = timezone.localdate() + timedelta(days=3)
    return {"person": person, "rights": ["guilds.manage_ranks"], "reason": "Raid week", "until": until.isoformat()}
