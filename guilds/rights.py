"""The rights that `user.has_perm(right, guild)` takes, and their words on pages."""

from django.utils.translation import gettext_lazy as _

LABELS = {
    "guilds.view": _("view the guild's pages"),
    "guilds.manage_roster": _("manage the roster"),
    "guilds.edit_info": _("edit the guild's info"),
    "guilds.manage_ranks": _("manage ranks and permissions"),
    "guilds.delete": _("restore deleted guild data"),
    "guilds.read_notes": _("read officer notes"),
    "guilds.write_notes": _("write officer notes"),
    "guilds.refresh": _("refresh data"),
}
RIGHTS = tuple(LABELS)
# Those beyond viewing.
OFFICERS_RIGHTS = RIGHTS[1:]
