"""The people for whom the access tables have a column."""

from dataclasses import dataclass

from guilds.rights import OFFICERS_RIGHTS, RIGHTS

EVERYTHING = frozenset(RIGHTS)
READING = frozenset({"guilds.view"})


@dataclass(frozen=True)
class Viewer:
    """One column: their permissions in the guild, written by hand and not taken from the code under test."""

    title: str
    rights: frozenset[str] = frozenset()
    is_member: bool = False
    is_signed_in: bool = True
    is_site_admin: bool = False
    is_officer_elsewhere: bool = False

    @property
    def is_master(self) -> bool:
        """Return whether they have rank 0."""
        return self.title == "guild master"

    @property
    def is_officer(self) -> bool:
        """Return whether they have a permission beyond reading."""
        return not self.rights.isdisjoint(OFFICERS_RIGHTS)

    def may(self, *rights: str) -> bool:
        """Return whether they have one of these."""
        return self.is_site_admin or not self.rights.isdisjoint(rights)


VISITOR = Viewer("not signed in", is_signed_in=False)
BY_FLAG = [
    Viewer(f"officer: {right.removeprefix('guilds.')} alone", frozenset({right}), is_member=True)
    for right in OFFICERS_RIGHTS
]
VIEWERS = (
    VISITOR,
    Viewer("outsider"),
    Viewer("officer of another guild", is_officer_elsewhere=True),
    Viewer("member (view alone)", READING, is_member=True),
    *BY_FLAG,
    Viewer("guild master", EVERYTHING, is_member=True),
    Viewer("demoted officer, session open", READING, is_member=True),
    Viewer("leaver in grace", READING),
    Viewer("expired grant", READING, is_member=True),
    Viewer("linked, id not yet in the roster", is_member=True),
    Viewer("link older than the bound", is_member=True),
    Viewer("site admin", is_site_admin=True),
)
