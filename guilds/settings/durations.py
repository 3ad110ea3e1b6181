"""The settings about how long permissions last: after leaving the guild, and after a sign-in."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from guilds.models import LONGEST_GRACE_HOURS, LONGEST_LINK_DAYS, Guild, link_lifetime

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class DurationSetting:
    """A number of hours or days. `name` is that of the URL and of the change on the timeline."""

    name: str
    column: str
    unit: str
    minimum: int
    longest: int
    label: "StrPromise"
    help_text: "StrPromise"
    title: "StrPromise"
    explanation: "StrPromise"

    @property
    def url_name(self) -> str:
        """The name of the URL that saves it."""
        return f"guilds:{self.name}"

    @property
    def maximum(self) -> int:
        """The highest value that a guild can choose, also by the site's settings."""
        return link_lifetime(self.longest).days if self.unit == "days" else self.longest

    def value_of(self, guild: Guild) -> int:
        """Return the guild's stored value."""
        value: int = getattr(guild, self.column)
        return value


GRACE = DurationSetting(
    name="grace",
    column="grace_hours",
    unit="hours",
    minimum=0,
    longest=LONGEST_GRACE_HOURS,
    label=_("Hours"),
    help_text=_("0 to %(maximum)d. With 0, leavers lose access immediately."),
    title=_("After someone leaves"),
    explanation=_(
        "All permissions end with the membership, in the same sync. You can let players whose last character left "
        "view these pages for a while: to say goodbye, or because leaving was a mistake."
    ),
)
LINK_DAYS = DurationSetting(
    name="link_days",
    column="link_days",
    unit="days",
    minimum=1,
    longest=LONGEST_LINK_DAYS,
    label=_("Days"),
    help_text=_("1 to %(maximum)d. The permissions of a player who doesn't sign in for longer are suspended."),
    title=_("How long a sign-in lasts"),
    explanation=_(
        "Battle.net says whose a character is only when its player signs in. After this many days without a sign-in "
        "the player's permissions here are suspended until the next one, so that nobody keeps those of a character "
        "that was sold or given away. The pages ask for a sign-in seven days before."
    ),
)
