"""The icon of each kind of event."""

from guilds.timeline.models import TimelineEvent

Kind = TimelineEvent.Kind
# The symbols of static/img/icons.svg.
ICONS: dict[str, str] = {
    Kind.JOINED: "joined",
    Kind.LEFT: "left",
    Kind.PROMOTED: "promoted",
    Kind.DEMOTED: "demoted",
    Kind.RENAMED: "renamed",
    Kind.TRANSFERRED: "moved",
    Kind.LINKED: "linked",
    Kind.RIGHTS_CHANGED: "rights",
    Kind.MAIN_CHOSEN: "main",
    Kind.INFO_CHANGED: "renamed",
    Kind.FLAGGED_RETURN: "flagged",
}
GUILD_ICON = "guild"


def icon_of(kind: str) -> str:
    """Return the symbol of a kind of event; the guild's for what concerns it as a whole, or is no longer known."""
    return ICONS.get(kind, GUILD_ICON)
