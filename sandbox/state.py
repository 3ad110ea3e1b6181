"""The state of a running sandbox, passed to all handlers."""

from dataclasses import dataclass, field

from sandbox.bungie.state import Bungie
from sandbox.cache import DocumentCache
from sandbox.documents.context import DocumentContext
from sandbox.faults import Faults
from sandbox.identity import Identity
from sandbox.limits import RateLimiter
from sandbox.options import Options
from sandbox.regions import Regions
from sandbox.stats import Stats
from sandbox.tokens import Tokens
from sandbox.world.build import build_world
from sandbox.world.daily import advance
from sandbox.world.world import World


@dataclass(slots=True)
class RosterForm:
    """The form of rosters: the current one, or older ones without factions or character links."""

    faction: bool = True
    character_key: bool = True


@dataclass(slots=True)
class Sandbox:
    """The whole state. ``base_url`` is set when the port is known."""

    options: Options
    world: World
    limiter: RateLimiter
    faults: Faults
    regions: Regions = field(default_factory=Regions)
    stats: Stats = field(default_factory=Stats)
    tokens: Tokens = field(default_factory=Tokens)
    cache: DocumentCache = field(default_factory=DocumentCache)
    roster_form: RosterForm = field(default_factory=RosterForm)
    identity: Identity = field(default_factory=Identity)
    bungie: Bungie = field(init=False)
    base_url: str = ""
    _is_world_changed: bool = False

    def __post_init__(self) -> None:
        self.bungie = Bungie(self.options)

    @classmethod
    def from_options(cls, options: Options) -> "Sandbox":
        """Create a sandbox with a new world."""
        return cls(
            options=options,
            world=_new_world(options),
            limiter=RateLimiter(options.rate_per_second, options.rate_per_hour),
            faults=Faults(options.seed),
        )

    def note_world_change(self) -> None:
        """Discard rendered documents, and remember that the world is no longer the first one."""
        self.cache.clear()
        self._is_world_changed = True

    def rebuild_world(self) -> None:
        """Discard all changes to the world, if there were any: to build it takes tens of milliseconds."""
        if self._is_world_changed:
            self.world = _new_world(self.options)
            self.roster_form = RosterForm()
            self.cache.clear()
            self._is_world_changed = False

    def document_context(self, region: str, locale: str | None) -> DocumentContext:
        """Return the context in which the region's documents are rendered now."""
        form, clock = self.roster_form, self.world.clock
        return DocumentContext(self.base_url, region, clock.build, locale, form.faction, form.character_key, clock.now)


def _new_world(options: Options) -> World:
    world = build_world(options.seed, options.world, options.today, options.members)
    advance(world, options.days)
    return world
