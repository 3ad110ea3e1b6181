"""Search without accents and case: Quinlozan finds Quinlózan."""

from collections.abc import Callable, Mapping

from accounts.plain_text import plain
from guilds.roster.lines import Line
from guilds.roster.members import Member


def finds(text: str, notes: Mapping[str, str], *, is_folded: bool, with_players: bool) -> Callable[[Line], bool]:
    """Return the test for lines that contain the text: in names and realms, with players also in theirs, and in notes.

    A character's main is searched, too, and so are the alts of a main. `notes` are texts by the ids of characters and
    players. With `is_folded`, a line matches if any of the player's characters does.
    """
    wanted = plain(text)

    def is_in(member: Member) -> bool:
        if wanted in plain(member.name) or wanted in plain(member.realm) or wanted in plain(_full_name(member)):
            return True
        if not with_players:
            return False
        about = (notes.get(member.character, ""), notes.get(member.owner or "", ""))
        return wanted in plain(member.player or "") or any(wanted in plain(one) for one in about)

    def found(line: Line) -> bool:
        if is_in(line.member):
            return True
        if not with_players:
            return False
        if line.main is not None and wanted in plain(line.main.name):
            return True
        return any(is_in(alt) if is_folded else wanted in plain(alt.name) for alt in line.alts)

    return found


def _full_name(member: Member) -> str:
    return f"{member.name}-{member.realm}"
