"""The world's objects, compared by identity, because neither names nor ids are unique."""

from dataclasses import dataclass, field

REGIONS = ("us", "eu", "kr", "tw")


@dataclass(frozen=True, slots=True)
class Realm:
    """A realm. ``local_name`` is the name in the realm's own language, if it differs."""

    id: int
    region: str
    slug: str
    name: str
    connected_realm_id: int
    category: str
    locale: str
    timezone: str
    type: str = "NORMAL"
    local_name: str | None = None


@dataclass(slots=True, eq=False)
class Character:
    """A character. ``snapshot`` (epoch seconds) is its last login and the Last-Modified of its documents."""

    id: int
    name: str
    realm: Realm
    level: int
    class_id: int
    race_id: int
    gender: str
    faction: str
    spec_id: int | None
    average_item_level: int
    equipped_item_level: int
    snapshot: int
    guild: "Guild | None" = None
    rank: int = 0
    owner: "Persona | None" = None
    wow_account: int = 0
    answer: int = 200
    is_valid: bool = True

    @property
    def profile(self) -> int:
        """Return the status of the character's documents; levels 0 and 1 are never indexed."""
        return 404 if self.level < 2 else self.answer

    @property
    def region(self) -> str:
        """Return the region of the realm."""
        return self.realm.region


@dataclass(frozen=True, slots=True)
class RosterCut:
    """A cut roster: only the first ``members`` are listed.

    ``member_count`` is the number on the guild's page; ``is_dated`` is false for documents without Last-Modified.
    """

    members: int
    member_count: int
    is_dated: bool


@dataclass(slots=True, eq=False)
class Guild:
    """A guild. ``snapshot`` is the Last-Modified of its documents; ``cut`` changes its documents, not its members."""

    id: int
    name: str
    realm: Realm
    faction: str
    created: int
    snapshot: int
    members: list[Character] = field(default_factory=list)
    cut: RosterCut | None = None

    @property
    def slug(self) -> str:
        """Return the slug of the name."""
        return guild_slug(self.name)

    @property
    def region(self) -> str:
        """Return the region of the realm."""
        return self.realm.region


@dataclass(slots=True, eq=False)
class Persona:
    """A user that one can sign in as. In ``missing_regions`` the account endpoints answer 404."""

    name: str
    battlenet_id: int
    battletag: str
    description: str
    grants_wow_profile: bool = True
    missing_regions: tuple[str, ...] = ("tw",)
    characters: list[Character] = field(default_factory=list)
    mounts: list[int] = field(default_factory=list)
    toys: list[int] = field(default_factory=list)

    def characters_in(self, region: str) -> list[Character]:
        """Return the characters of one region, over all WoW accounts."""
        return [character for character in self.characters if character.region == region]


def guild_slug(name: str) -> str:
    """Return the guild's slug: lower case, hyphens for spaces, accents kept."""
    return name.lower().replace(" ", "-")
