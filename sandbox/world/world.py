"""The world as a whole, indexed by the keys of the API's URLs."""

from collections import defaultdict

from sandbox.world.clock import Clock
from sandbox.world.models import Character, Guild, Persona, Realm
from sandbox.world.realms import REALMS

Address = tuple[str, str, str]

FIRST_NEW_CHARACTER_ID = 260_000_000
FIRST_NEW_GUILD_ID = 90_000_000


class World:
    """All realms, guilds, characters and personas, with an index for each kind of lookup."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.seed = seed
        self.clock = clock
        self.realms = {(realm.region, realm.slug): realm for realm in REALMS}
        self.realms_by_id = {(realm.region, realm.id): realm for realm in REALMS}
        self.connected_realms = _grouped(REALMS)
        self.characters: dict[Address, Character] = {}
        self.guilds: dict[Address, Guild] = {}
        self.personas: dict[str, Persona] = {}
        self.demo_guild: Guild
        self._taken_ids: set[tuple[str, int]] = set()
        self._next_character_id = FIRST_NEW_CHARACTER_ID
        self._next_guild_id = FIRST_NEW_GUILD_ID

    def is_free(self, realm: Realm, name: str) -> bool:
        """Return whether the name is free on the realm."""
        return (realm.region, realm.slug, name.lower()) not in self.characters

    def add_character(self, character: Character) -> None:
        """Index the character under its realm and name."""
        if not self.is_free(character.realm, character.name):
            raise ValueError(f"{character.name} of {character.realm.slug} is taken")
        self.characters[_key_of(character)] = character

    def remove_character(self, character: Character) -> None:
        """Remove the character from the index: before its name or realm changes, or when it is deleted."""
        del self.characters[_key_of(character)]

    def add_guild(self, guild: Guild) -> None:
        """Index the guild under its realm and name."""
        key = (guild.region, guild.realm.slug, guild.slug)
        if key in self.guilds:
            raise ValueError(f"{guild.name} of {guild.realm.slug} is taken")
        self.guilds[key] = guild

    def remove_guild(self, guild: Guild) -> None:
        """Remove the guild from the index."""
        del self.guilds[guild.region, guild.realm.slug, guild.slug]

    def claim_id(self, region: str, wanted: int) -> int:
        """Return the wanted character id, or the next one that is free in the region."""
        while (region, wanted) in self._taken_ids:
            wanted += 1
        self._taken_ids.add((region, wanted))
        return wanted

    def new_character_id(self) -> int:
        """Return a new id, higher than all before, for a new, moved or faction-changed character."""
        self._next_character_id += 7
        return self._next_character_id

    def new_guild_id(self) -> int:
        """Return a new id, higher than those of all guilds."""
        self._next_guild_id += 3
        return self._next_guild_id

    def touch(self, *entities: Character | Guild | None) -> None:
        """Give changed objects a later snapshot, so that conditional requests see the change."""
        moment = self.clock.moment()
        for entity in entities:
            if entity is not None:
                entity.snapshot = max(moment, entity.snapshot + 1)


def _grouped(realms: tuple[Realm, ...]) -> dict[tuple[str, int], list[Realm]]:
    groups: defaultdict[tuple[str, int], list[Realm]] = defaultdict(list)
    for realm in realms:
        groups[realm.region, realm.connected_realm_id].append(realm)
    return dict(groups)


def _key_of(character: Character) -> Address:
    return (character.region, character.realm.slug, character.name.lower())
