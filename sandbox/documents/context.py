"""The context in which a document is rendered: region, locale, base URL and build."""

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
    """Return the locale in Blizzard's spelling, or None if it does not exist."""
    return _BY_LOWER_CASE.get(requested.lower())


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """The properties of a request that a document depends on, in addition to its subject.

    Without a ``locale``, a localized name is an object with all languages. ``now`` is the midnight at which the world's
    current day began (epoch seconds). ``with_faction`` and ``with_key`` select older forms of the roster.
    """

    base_url: str
    region: str
    build: str
    locale: str | None = None
    with_faction: bool = True
    with_key: bool = True
    now: int = 0

    def profile(self, path: str) -> Json:
        """Return a link into the profile namespace."""
        return {"href": f"{self.base_url}{path}?namespace=profile-{self.region}"}

    def dynamic(self, path: str) -> Json:
        """Return a link into the dynamic namespace."""
        return {"href": f"{self.base_url}/data/wow/{path}?namespace=dynamic-{self.region}"}

    def static(self, path: str) -> Json:
        """Return a link into the static namespace of the current build."""
        return {"href": f"{self.base_url}/data/wow/{path}?namespace=static-{self.build}-{self.region}"}

    def text(self, name: str) -> Any:
        """Localize a text: a string in one locale, or an object with all."""
        return _in_all(name) if self.locale is None else translated(self.locale, name)

    def kind(self, value: str, name: str | None = None) -> Json:
        """Return an enumerated value such as a faction; its name is derived from the value unless given."""
        return {"type": value, "name": self.text(name or value.replace("_", " ").title())}

    def entry(self, kind: str, number: int, name: str) -> Json:
        """Return a reference into the static namespace, with the name."""
        return {"key": self.static(f"{kind}/{number}"), "name": self.text(name), "id": number}

    def nameless(self, kind: str, number: int) -> Json:
        """Return a reference into the static namespace, without the name."""
        return {"key": self.static(f"{kind}/{number}"), "id": number}

    def realm_name(self, realm: Realm) -> Any:
        """Localize the name of a realm; most realms have one name in all languages."""
        own = f"{realm.locale[:2]}_{realm.locale[2:]}"
        local = realm.local_name or realm.name
        if self.locale is None:
            return {locale: local if locale == own else realm.name for locale in LOCALES}
        return local if self.locale == own else realm.name

    def realm(self, realm: Realm) -> Json:
        """Return a reference to a realm, with its name, as most documents have it."""
        return {
            "key": self.dynamic(f"realm/{realm.id}"),
            "name": self.realm_name(realm),
            "id": realm.id,
            "slug": realm.slug,
        }

    def nameless_realm(self, realm: Realm) -> Json:
        """Return a reference to a realm, without its name, as in rosters and keystone runs."""
        return {"key": self.dynamic(f"realm/{realm.id}"), "id": realm.id, "slug": realm.slug}

    def character(self, character: Character) -> Json:
        """Return the reference to a character in its own documents."""
        return {
            "key": self.profile(character_path(character)),
            "name": character.name,
            "id": character.id,
            "realm": self.realm(character.realm),
        }

    def guild(self, guild: Guild) -> Json:
        """Return the reference to a guild in its own documents and in a member's summary."""
        return {
            "key": self.profile(guild_path(guild)),
            "name": guild.name,
            "id": guild.id,
            "realm": self.realm(guild.realm),
            "faction": self.kind(guild.faction),
        }


def character_path(character: Character) -> str:
    """Return the path of the character's summary, percent-encoded."""
    return f"/profile/wow/character/{_encoded(character.realm.slug)}/{_encoded(character.name.lower())}"


def guild_path(guild: Guild) -> str:
    """Return the path of the guild's summary, percent-encoded."""
    return f"/data/wow/guild/{_encoded(guild.realm.slug)}/{_encoded(guild.slug)}"


@lru_cache(maxsize=4096)
def _encoded(part: str) -> str:
    return quote(part, safe="")


@lru_cache(maxsize=4096)
def _in_all(name: str) -> Json:
    return {locale: translated(locale, name) for locale in LOCALES}
