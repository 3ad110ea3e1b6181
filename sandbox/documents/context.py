"""How a document is written: for which region, in which language, with which addresses in it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from sandbox.documents.translations import translated
from sandbox.world.models import Character, Guild, Realm

Json = dict[str, Any]

LOCALES = (
    "en_US", "es_MX", "pt_BR", "de_DE", "en_GB", "es_ES", "fr_FR", "it_IT", "ru_RU", "ko_KR", "zh_TW", "zh_CN",
)  # fmt: skip
_BY_LOWER_CASE = {locale.lower(): locale for locale in (*LOCALES, "pt_PT")}


def known_locale(requested: str) -> str | None:
    """The locale as Blizzard spells it, however the request spelled it; None for one that does not exist."""
    return _BY_LOWER_CASE.get(requested.lower())


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """``locale`` None writes every localized name as an object of all languages, as Blizzard does.

    ``now`` is the midnight with which the world's present day began (epoch seconds). ``with_faction`` and ``with_key``
    choose between the present form of a roster and the older ones.
    """

    base_url: str
    region: str
    build: str
    locale: str | None = None
    with_faction: bool = True
    with_key: bool = True
    now: int = 0

    def profile(self, path: str) -> Json:
        """A link into the profile namespace."""
        return {"href": f"{self.base_url}{path}?namespace=profile-{self.region}"}

    def dynamic(self, path: str) -> Json:
        """A link into the dynamic namespace."""
        return {"href": f"{self.base_url}/data/wow/{path}?namespace=dynamic-{self.region}"}

    def static(self, path: str) -> Json:
        """A link into the static namespace of the present build."""
        return {"href": f"{self.base_url}/data/wow/{path}?namespace=static-{self.build}-{self.region}"}

    def text(self, name: str) -> Any:
        """A localized text: a string in one language, an object in all."""
        return _in_all(name) if self.locale is None else translated(self.locale, name)

    def kind(self, value: str, name: str | None = None) -> Json:
        """An enumerated value such as a faction or a gender; its name is the value's words unless given."""
        return {"type": value, "name": self.text(name or value.replace("_", " ").title())}

    def entry(self, kind: str, number: int, name: str) -> Json:
        """A reference to a thing of the static namespace, with its name."""
        return {"key": self.static(f"{kind}/{number}"), "name": self.text(name), "id": number}

    def nameless(self, kind: str, number: int) -> Json:
        """A reference to a thing of the static namespace, without its name."""
        return {"key": self.static(f"{kind}/{number}"), "id": number}

    def realm_name(self, realm: Realm) -> Any:
        """The name of a realm, which differs between languages only for realms with a name of their own."""
        own = f"{realm.locale[:2]}_{realm.locale[2:]}"
        local = realm.local_name or realm.name
        if self.locale is None:
            return {locale: local if locale == own else realm.name for locale in LOCALES}
        return local if self.locale == own else realm.name

    def realm(self, realm: Realm) -> Json:
        """A reference to a realm with its name, as nearly everything carries it."""
        return {
            "key": self.dynamic(f"realm/{realm.id}"),
            "name": self.realm_name(realm),
            "id": realm.id,
            "slug": realm.slug,
        }

    def nameless_realm(self, realm: Realm) -> Json:
        """A reference to a realm without its name, as rosters and keystone runs carry it."""
        return {"key": self.dynamic(f"realm/{realm.id}"), "id": realm.id, "slug": realm.slug}

    def character(self, character: Character) -> Json:
        """The reference to a character at the head of its documents."""
        return {
            "key": self.profile(character_path(character)),
            "name": character.name,
            "id": character.id,
            "realm": self.realm(character.realm),
        }

    def guild(self, guild: Guild) -> Json:
        """The reference to a guild in a member's summary and at the head of its documents."""
        return {
            "key": self.profile(guild_path(guild)),
            "name": guild.name,
            "id": guild.id,
            "realm": self.realm(guild.realm),
            "faction": self.kind(guild.faction),
        }


def character_path(character: Character) -> str:
    """The path of the character's summary, percent-encoded."""
    return f"/profile/wow/character/{_encoded(character.realm.slug)}/{_encoded(character.name.lower())}"


def guild_path(guild: Guild) -> str:
    """The path of the guild's summary, percent-encoded."""
    return f"/data/wow/guild/{_encoded(guild.realm.slug)}/{_encoded(guild.slug)}"


@lru_cache(maxsize=4096)
def _encoded(part: str) -> str:
    return quote(part, safe="")


@lru_cache(maxsize=4096)
def _in_all(name: str) -> Json:
    return {locale: translated(locale, name) for locale in LOCALES}
