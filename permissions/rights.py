"""Rights: the names that `user.has_perm` takes, such as "guilds.view", and their words on pages."""

from collections.abc import Iterable

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from guilds.rights import LABELS, RIGHTS

Rights = frozenset[str]
EVERY_RIGHT: Rights = frozenset(RIGHTS)
NO_RIGHTS: Rights = frozenset()
# Of a rank without a permission set, and of former members during the grace period.
DEFAULT_RIGHTS: Rights = frozenset({"guilds.view"})
MANAGE_RANKS = "guilds.manage_ranks"

RIGHT_CHOICES = [(right, capfirst(label)) for right, label in LABELS.items()]


def in_words(rights: Iterable[str]) -> str:
    """Return a list such as "view the guild's pages, manage the roster", always in the same order."""
    given = set(rights)
    if given >= EVERY_RIGHT:
        return _("everything")
    return ", ".join(str(label) for right, label in LABELS.items() if right in given) or _("nothing")
