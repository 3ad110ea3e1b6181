"""What everybody is expected to get: a line for each address and method."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from guilds.edit_conflict import version_of
from guilds.models import Guild
from guilds.settings.services import info_of
from permissions.services import state_of
from tests.access.people import House, Somebody

Expectation = Callable[[Somebody], int]
SIGN_IN, REFUSED, UNKNOWN, NOT_THAT_WAY = 302, 403, 404, 405


def always(status: int) -> Expectation:
    """The same for everybody."""
    return lambda who: status


def signed_in(status: int) -> Expectation:
    """For whoever is signed in; visitors are sent to the sign-in."""
    return lambda who: status if who.is_signed_in else SIGN_IN


def visitors(status: int) -> Expectation:
    """For visitors; the others are led on."""
    return lambda who: SIGN_IN if who.is_signed_in else status


def holders(*rights: str, status: int = 200) -> Expectation:
    """For whoever holds one of the rights: 403 for other members, 404 for outsiders, the sign-in for visitors."""

    def expected(who: Somebody) -> int:
        if not who.is_signed_in:
            return SIGN_IN
        if who.may(*rights):
            return status
        return REFUSED if who.is_member else UNKNOWN

    return expected


def masters(*rights: str, status: int = 200) -> Expectation:
    """For the guild master, and site admins; otherwise as for those who hold none of the rights."""
    allowed = holders(*rights, status=status)
    return lambda who: REFUSED if who.may(*rights) and not (who.is_master or who.is_site_admin) else allowed(who)


def only(*rights: str, status: int = 200) -> Expectation:
    """For whoever holds one of the rights; for all others that are signed in it does not exist."""
    return lambda who: SIGN_IN if not who.is_signed_in else status if who.may(*rights) else UNKNOWN


@dataclass(frozen=True)
class Row:
    """An address, a method, and what comes back."""

    method: str
    expected: Expectation
    # What a POST sends; made when the house stands.
    data: Callable[[House], Mapping[str, Any]] = lambda house: {}
    # What is different with the guild in this line.
    guild: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    # Whether the character that the address names has an owner.
    owned: bool = False
    # Whether somebody with every right changes something by it, which shows that the refused ones tried in earnest.
    changes: bool = False


def get(expected: Expectation, **more: Any) -> Row:
    """A line for GET, and for HEAD too."""
    return Row("GET", expected, **more)


def post(expected: Expectation, data: Callable[[House], Mapping[str, Any]] | None = None, **more: Any) -> Row:
    """A line for POST. With data it changes something."""
    return Row("POST", expected, data or (lambda house: {}), changes=data is not None, **more)


def page(*rights: str, status: int = 200) -> list[Row]:
    """A page that is only looked at."""
    return [get(holders(*rights, status=status)), post(always(NOT_THAT_WAY))]


PUBLIC: dict[str, Any] = {"visibility": "EVERYBODY"}
DELETED: dict[str, Any] = {"deleted_at": timezone.now()}
VIEW, MANAGE, INFO, RANKS = "guilds.view", "guilds.manage_roster", "guilds.edit_info", "guilds.manage_ranks"
DELETE, READ, WRITE = "guilds.delete", "guilds.read_notes", "guilds.write_notes"
REFRESH = "guilds.refresh"
OPEN_TO_ALL = get(always(200), guild=PUBLIC, note="guild open to everybody")
GONE = get(only(status=UNKNOWN), guild=DELETED, note="data deleted")


def _info(house: House) -> dict[str, Any]:
    return {
        "description": "New",
        "recruiting": "",
        "visibility": "MEMBERS",
        "version": version_of(info_of(house.guild)),
    }


def _ranks(house: House) -> dict[str, Any]:
    data: dict[str, Any] = {"seen": state_of(house.guild), "confirm": "1"}
    for rank in house.guild.ranks.all():
        data |= {
            f"name-{rank.rank_level}": "New" if rank.rank_level == 9 else rank.rank_name,
            f"initial-name-{rank.rank_level}": rank.rank_name,
            f"set-{rank.rank_level}": rank.permission_set_id,
            f"initial-set-{rank.rank_level}": rank.permission_set_id,
        }
    return data


def _set(house: House) -> dict[str, Any]:
    return {"name": "Renamed", "rights": [], "seen": state_of(house.guild), "confirm": "1"}


def _grant(house: House) -> dict[str, Any]:
    person = house.things[house.guild]["holder"].pk
    until = timezone.localdate() + timedelta(days=3)
    return {"person": person, "rights": [RANKS], "reason": "Raid week", "until": until.isoformat()}


ROWS: dict[str, list[Row]] = {
    "landing": [get(visitors(200)), post(always(NOT_THAT_WAY))],
    "account": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "account_data": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "account_export": [get(signed_in(200)), post(signed_in(200))],
    "account_download": [
        get(signed_in(UNKNOWN), note="another person's export"),
        post(always(NOT_THAT_WAY)),
    ],
    "account_delete": [get(signed_in(200)), post(signed_in(200), note="without the BattleTag")],
    "account_sessions": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "account_end_sessions": [get(always(NOT_THAT_WAY)), post(always(302))],
    "account_end_session": [
        get(always(NOT_THAT_WAY)),
        post(signed_in(UNKNOWN), note="another person's session"),
    ],
    "account_login": [get(visitors(200)), post(always(NOT_THAT_WAY))],
    "account_logout": [get(always(NOT_THAT_WAY)), post(always(302))],
    "account_inactive": [get(always(403)), post(always(NOT_THAT_WAY))],
    "battlenet_login": [get(always(200)), post(always(302))],
    "battlenet_callback": [get(always(400)), post(always(NOT_THAT_WAY))],
    "healthz": [get(always(200)), post(always(NOT_THAT_WAY))],
    "readyz": [get(always(503), note="no worker runs"), post(always(NOT_THAT_WAY))],
    "metrics": [get(always(UNKNOWN), note="no METRICS_TOKEN is set"), post(always(NOT_THAT_WAY))],
    "characters:mine": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "sync:refresh_mine": [get(always(302)), post(always(302))],
    "guilds:mine": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "guilds:overview": [*page(VIEW), OPEN_TO_ALL, GONE],
    "guilds:roster": [*page(VIEW), OPEN_TO_ALL, GONE],
    "guilds:timeline": [*page(VIEW), OPEN_TO_ALL, GONE],
    "guilds:settings": [get(holders(INFO, RANKS, DELETE)), post(holders(INFO, status=302), _info), GONE],
    "guilds:grace": [
        get(holders(RANKS, status=302)),
        post(holders(RANKS, status=302), lambda house: {"hours": 12, "version": version_of(48)}),
    ],
    "guilds:link_days": [
        get(holders(RANKS, status=302)),
        post(holders(RANKS, status=302), lambda house: {"days": 12, "version": version_of(30)}),
    ],
    "guilds:delete": [
        get(holders(DELETE)),
        post(masters(DELETE, status=302), lambda house: {"name": house.guild.name}),
    ],
    "guilds:deleted": [
        get(holders(DELETE, status=302)),
        get(only(DELETE), guild=DELETED, note="data deleted"),
        post(only(DELETE, status=302), lambda house: {}, guild=DELETED, note="data deleted"),
    ],
    "guilds:member": [*page(VIEW), get(holders(VIEW), guild=PUBLIC, note="guild open to everybody"), GONE],
    "guilds:write_note": [
        get(holders(WRITE, status=302)),
        post(holders(WRITE, status=302), lambda house: {"text": "New"}),
    ],
    "guilds:alt_of": [
        get(holders(MANAGE, status=302)),
        post(holders(MANAGE, status=302), lambda house: {"main": "Held"}),
    ],
    "guilds:choose_main": [
        get(holders(MANAGE, status=302)),
        post(holders(MANAGE, status=302), lambda house: {}, owned=True),
    ],
    "guilds:main": [
        get(always(NOT_THAT_WAY)),
        post(lambda who: SIGN_IN if who.is_signed_in and who.may(VIEW) else holders(VIEW)(who)),
    ],
    "guilds:plan_member": [
        get(holders(MANAGE, status=302)),
        post(holders(MANAGE, status=302), lambda house: {"kind": "REMOVE"}),
    ],
    "guilds:notes": [*page(READ), GONE],
    # The note's author is gone, so that everybody who writes notes stands above them; who may not read, may not change.
    "guilds:note": [
        get(lambda who: _all_of(who, READ, WRITE, status=200)),
        post(
            lambda who: _all_of(who, READ, WRITE, status=302),
            lambda house: {"text": "New", "version": version_of("Secret")},
        ),
    ],
    "guilds:delete_note": [
        get(lambda who: _all_of(who, READ, WRITE, status=302)),
        post(lambda who: _all_of(who, READ, WRITE, status=302), lambda house: {}),
    ],
    "guilds:plan": [
        get(holders(MANAGE)),
        post(holders(MANAGE, status=302), lambda house: {"names": "Stranger", "kind": "REMOVE"}),
        GONE,
    ],
    "guilds:withdraw": [
        get(holders(MANAGE, status=302)),
        post(
            holders(MANAGE, status=302),
            lambda house: {"change": str(house.things[house.guild]["planned"].pk)},
        ),
    ],
    "sync:guild": [*page(REFRESH), GONE],
    "sync:refresh_guild": [get(holders(REFRESH, status=302)), post(holders(REFRESH, status=302), lambda house: {})],
    "sync:retry": [
        get(holders(REFRESH, status=302)),
        post(holders(REFRESH, status=302), lambda house: {"all": "all"}),
    ],
    "permissions:ranks": [
        get(holders(VIEW)),
        get(holders(VIEW), guild=PUBLIC, note="guild open to everybody"),
        post(holders(RANKS, status=302), _ranks),
        GONE,
    ],
    "permissions:new_set": [
        get(holders(RANKS)),
        post(holders(RANKS, status=302), lambda house: {"name": "Newest", "rights": [RANKS]}),
    ],
    "permissions:edit_set": [get(holders(RANKS)), post(holders(RANKS, status=302), _set)],
    "permissions:delete_set": [
        get(holders(RANKS, status=302)),
        post(holders(RANKS, status=302), lambda house: {"seen": state_of(house.guild)}),
    ],
    "permissions:new_grant": [get(holders(RANKS)), post(holders(RANKS, status=302), _grant)],
    # One comes there from the ranks, which are for those who may view.
    "permissions:end_grant": [
        get(holders(VIEW, status=302)),
        post(lambda who: _all_of(who, VIEW, RANKS, status=302), lambda house: {}),
    ],
}


def _all_of(who: Somebody, *rights: str, status: int) -> int:
    """For whoever holds all of the rights."""
    if not who.is_signed_in:
        return SIGN_IN
    if all(who.may(right) for right in rights):
        return status
    # In grace one reads, and is refused what needs more, without being told that one is no member.
    return REFUSED if who.is_member or (who.may(VIEW) and VIEW in rights) else UNKNOWN


def arguments(guild: Guild, things: Mapping[str, Any], *, owned: bool = False) -> dict[str, Any]:
    """What addresses are made of."""
    return {
        "address": guild,
        "character_id": things["held"].character_id if owned else things["character"].pk,
        "note_id": things["note"].pk,
        "set_id": things["set"].pk,
        "grant_id": things["grant"].pk,
        "session_id": things["session"].public_id,
        "export_id": things["export"].pk,
    }
