"""What the world consists of. Objects are compared by identity: names and even ids are not unique in it."""

from dataclasses import dataclass, field

REGIONS = ("us", "eu", "kr", "tw")


@dataclass(frozen=True, slots=True)
class Realm:
    """``local_name`` is the name in the realm's own language where that differs from the one elsewhere."""

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
    """``snapshot`` (epoch seconds) is its last login and the Last-Modified of its documents."""

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
        """The status with which the API answers for this character: level 1 (and 0) is never indexed."""
        return 404 if self.level < 2 else self.answer

    @property
    def region(self) -> str:
        """The region of the realm."""
        return self.realm.region


@dataclass(frozen=True, slots=True)
class RosterCut:
    """A wrong answer about a guild: only the first ``members`` of its roster are listed.

    ``member_count`` is what the guild's page says; ``is_dated`` is false for documents without a Last-Modified.
    """

    members: int
    member_count: int
    is_dated: bool


@dataclass(slots=True, eq=False)
class Guild:
    """``snapshot`` is the Last-Modified of all its documents; ``cut`` makes them wrong, the members stay."""

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
        """How the guild is addressed on its realm."""
        return guild_slug(self.name)

    @property
    def region(self) -> str:
        """The region of the realm."""
        return self.realm.region


@dataclass(slots=True, eq=False)
class Persona:
    """Someone to sign in as. In ``missing_regions`` the account endpoints know nothing of the person (404)."""

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
        """The person's characters of one region, over all WoW accounts."""
        return [character for character in self.characters if character.region == region]


def guild_slug(name: str) -> str:
    """The guild's name as it stands in paths: lower case, hyphens for spaces, accents kept."""
    return name.lower().replace(" ", "-")
