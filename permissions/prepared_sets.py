"""Permission sets that a new guild can start with: member, officer and co-leader."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from permissions.rights import DEFAULT_RIGHTS, Rights

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class PreparedSet:
    """A prepared set. `key` is its value in forms, `name` that of one rank's role, `set_name` that of the set."""

    key: str
    name: "StrPromise"
    set_name: "StrPromise"
    rights: Rights


MEMBER = PreparedSet("member", _("Member"), _("Members"), DEFAULT_RIGHTS)
OFFICER = PreparedSet(
    "officer",
    _("Officer"),
    _("Officers"),
    DEFAULT_RIGHTS
    | {"guilds.manage_roster", "guilds.edit_info", "guilds.read_notes", "guilds.write_notes", "guilds.refresh"},
)
CO_LEADER = PreparedSet("co-leader", _("Co-leader"), _("Co-leaders"), OFFICER.rights | {"guilds.manage_ranks"})
PREPARED_SETS = {one.key: one for one in (MEMBER, OFFICER, CO_LEADER)}
