"""The state of the sandbox's Bungie.net."""

from dataclasses import dataclass, field

from sandbox.bungie.accounts.fill import first_guardian_id
from sandbox.bungie.accounts.store import Accounts
from sandbox.bungie.actions.log import ActionLog
from sandbox.bungie.clock import Clock
from sandbox.bungie.content import Content
from sandbox.bungie.people import Membership, Person, new_people
from sandbox.bungie.stats import BungieStats
from sandbox.bungie.tokens import TokenStore
from sandbox.limits import Window
from sandbox.options import Options

# Bungie's limit for one address: 25 a second, averaged over this many seconds.
WINDOW = 10.0
MAINTENANCE_FORMS = ("json", "html", "html_200")


@dataclass(slots=True)
class Bungie:
    """The whole state. ``maintenance`` is how the site says that it is down, or None.

    ``failing_profiles`` is an error code with which linked profiles fail; ``disabled_components`` are keys of a profile
    that are marked as disabled; ``strict_pkce`` makes the token endpoint check what Bungie ignores.
    """

    options: Options
    clock: Clock = field(default_factory=Clock)
    stats: BungieStats = field(default_factory=BungieStats)
    people: dict[str, Person] = field(default_factory=new_people)
    windows: dict[str, Window] = field(default_factory=dict)
    maintenance: str | None = None
    failing_profiles: int | None = None
    strict_pkce: bool = False
    stock_delay_seconds: float = 0.0
    disabled_components: set[str] = field(default_factory=set)
    actions: ActionLog = field(default_factory=ActionLog)
    tokens: TokenStore = field(init=False)
    content: Content = field(init=False)
    accounts: Accounts = field(init=False)

    def __post_init__(self) -> None:
        self.content = Content(self.options.seed, self.options.folder)
        self.accounts = Accounts(self.clock, self.options.seed, self.content)
        self.tokens = TokenStore(self.clock)

    def admit(self, address: str, now: float) -> bool:
        """Return whether the address can make a request at this monotonic time, and if so count it."""
        limit = self.options.bungie_rate_per_10_seconds
        return self.windows.setdefault(address, Window(WINDOW, limit)).admit(now)

    def person_by_id(self, number: int) -> Person | None:
        """Return the person with this Bungie.net id."""
        return next((one for one in self.people.values() if one.bungie_id == number), None)

    def membership_of_guardian(self, number: int) -> Membership | None:
        """Return the membership whose character has this id."""
        memberships = (one for person in self.people.values() for one in person.memberships)
        found = next(
            (one for one in memberships if first_guardian_id(one) <= number < first_guardian_id(one) + 10), None
        )
        return found if found is not None and number in self.accounts.of(found).guardians else None

    def membership(self, number: int) -> Membership | None:
        """Return the platform membership with this id."""
        memberships = (one for person in self.people.values() for one in person.memberships)
        return next((one for one in memberships if one.id == number), None)

    def reset(self) -> None:
        """Reset statistics, limits, maintenance and everything else that is not the world or a token."""
        self.stats.reset()
        self.actions.reset()
        self.windows.clear()
        self.maintenance = self.failing_profiles = None
        self.strict_pkce = False
        self.stock_delay_seconds = 0.0
        self.disabled_components = set()
        self.content.fault = None
        self.accounts.reset()

    def rebuild_world(self) -> None:
        """Discard all changes to the world."""
        self.people = new_people()
        self.clock.added = 0.0
        self.content.reset()
        self.accounts.clear()
