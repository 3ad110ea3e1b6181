"""Rights: the names that `user.has_perm` takes, such as "guilds.view", and their words on pages."""

from collections.abc import Iterable

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guilds.rights import RIGHTS

Rights = frozenset[str]
EVERY_RIGHT: Rights = frozenset(RIGHTS)
NO_RIGHTS: Rights = frozenset()
# Of a rank without a permission set, and of former members during the grace period.
DEFAULT_RIGHTS: Rights = frozenset({"guilds.view"})
MANAGE_RANKS = "guilds.manage_ranks"

LABELS = {
    "guilds.view": gettext_lazy("view the guild's pages"),
    "guilds.manage_roster": gettext_lazy("manage the roster"),
    "guilds.edit_info": gettext_lazy("edit the guild's info"),
    "guilds.manage_ranks": gettext_lazy("manage ranks and permissions"),
    "guilds.delete": gettext_lazy("restore deleted guild data"),
    "guilds.read_notes": gettext_lazy("read officer notes"),
    "guilds.write_notes": gettext_lazy("write officer notes"),
    "guilds.refresh": gettext_lazy("refresh data"),
}
RIGHT_CHOICES = [(right, capfirst(label)) for right, label in LABELS.items()]


def in_words(rights: Iterable[str]) -> str:
    """Return a list such as "view the guild's pages, manage the roster", always in the same order."""
    given = set(rights)
    if given >= EVERY_RIGHT:
        return _("everything")
    return ", ".join(str(label) for right, label in LABELS.items() if right in given) or _("nothing")
