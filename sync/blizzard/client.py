"""The client of Battle.net's API: its endpoints, the application's token, and one method per endpoint."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import quote as quote_path

from requests import Response, codes

from sync.blizzard import game_data, media, payloads
from sync.blizzard.refusals import error_for, error_for_picture
from sync.engine.errors import ApplicationRefused, BadPayload, PayloadError
from sync.engine.fields import Entries, Json, number, text
from sync.engine.http import Answer, ResponseReader, Transport, if_modified_since
from sync.engine.protocols import RequestInfo, Subject

T = TypeVar("T")

# One segment of a path.
quote = partial(quote_path, safe="")

TOKEN = "/token"  # noqa: S105 - a path
ACCOUNT_ENDPOINTS = ("/profile/user/wow", "/profile/user/wow/collections/mounts", "/profile/user/wow/collections/toys")
CHARACTER_ENDPOINTS = ("/profile/wow/character/{realm}/{name}", "/profile/wow/character/{realm}/{name}/status")
GUILD_ENDPOINTS = ("/data/wow/guild/{realm}/{guild}", "/data/wow/guild/{realm}/{guild}/roster")
GAME_DATA_ENDPOINTS = (
    "/data/wow/playable-class/index",
    "/data/wow/playable-race/index",
    "/data/wow/playable-race/{id}",
    "/data/wow/playable-specialization/index",
    "/data/wow/playable-specialization/{id}",
    "/data/wow/realm/index",
    "/data/wow/connected-realm/index",
    "/data/wow/connected-realm/{id}",
)
# On another host than the API's.
PICTURE = "/render/{picture}"
DETAILS_ENDPOINTS = (
    "/profile/wow/character/{realm}/{name}/character-media",
    "/profile/wow/character/{realm}/{name}/specializations",
    PICTURE,
)
ICON_ENDPOINTS = ("/data/wow/media/playable-class/{id}", "/data/wow/media/playable-specialization/{id}", PICTURE)
ENDPOINTS = (
    TOKEN,
    *ACCOUNT_ENDPOINTS,
    *CHARACTER_ENDPOINTS,
    *GUILD_ENDPOINTS,
    *GAME_DATA_ENDPOINTS,
    *DETAILS_ENDPOINTS,
    *ICON_ENDPOINTS[:-1],
)
# Instead of an unknown path, which may contain a name.
OTHER_ENDPOINT = "other"

_ENDPOINT_PATTERNS = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", endpoint)), endpoint) for endpoint in ENDPOINTS]
# Responses below these paths are private.
PRIVATE = ("/profile/user/", TOKEN)
# A new token is fetched this many seconds before the old one expires.
TOKEN_MARGIN = 300
LONGEST_TOKEN = 4_096
LARGEST_LIFETIME = 10 * 365 * 24 * 3600
TOKEN_FORM = re.compile("[!-~]+")


def endpoint_of(path: str) -> str:
    """Return the endpoint of a path, such as "/profile/wow/character/{realm}/{name}"."""
    return next((endpoint for pattern, endpoint in _ENDPOINT_PATTERNS if pattern.fullmatch(path)), OTHER_ENDPOINT)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The application's id and secret at Battle.net."""

    client_id: str
    client_secret: str = field(repr=False)


class ApplicationToken:
    """One token for all threads, fetched when there is none or the old one is about to expire."""

    def __init__(self, *, credentials: Credentials, url: str, transport: Transport, reader: ResponseReader) -> None:
        self._credentials = credentials
        self._url = url
        self._transport = transport
        self._reader = reader
        self._lock = threading.Lock()
        self._token = ""
        self._expires = 0.0

    def get(self, probes: frozenset[str] = frozenset()) -> str:
        """Return a token; a request for one belongs to the same `probes` as the request that needs it."""
        # The thread that fetches it may need a connection of the pool.
        self._transport.prepare_to_wait()
        with self._lock:
            if time.monotonic() >= self._expires:
                self._token, lifetime = self._fetch(probes)
                self._expires = time.monotonic() + max(lifetime - TOKEN_MARGIN, 30)
            return self._token

    def discard(self, token: str) -> None:
        with self._lock:
            # If many threads were refused, one fetches the new token for all.
            if self._token == token:
                self._expires = 0.0

    def _fetch(self, probes: frozenset[str]) -> tuple[str, int]:
        info = RequestInfo(TOKEN, TOKEN, is_application=True, has_new_token=True, fetches_token=True, probes=probes)
        response = self._transport.send(
            "POST",
            self._url + TOKEN,
            info,
            data={"grant_type": "client_credentials"},
            auth=(self._credentials.client_id, self._credentials.client_secret),
        )
        if codes.bad_request <= response.status_code < codes.too_many_requests:
            # A 404 here means a wrong address, not that the subject does not exist.
            detail = f"HTTP {response.status_code}: Battle.net refuses the application's id and secret"
            raise ApplicationRefused(info.path, status=response.status_code, detail=detail)
        return self._reader.parsed(response, info, _token_and_lifetime)


def _token_and_lifetime(json: Json) -> tuple[str, int]:
    token = text(json, "access_token", LONGEST_TOKEN)
    if not TOKEN_FORM.fullmatch(token):
        raise PayloadError("access_token can't be sent in a header")
    return token, number(json, "expires_in", LARGEST_LIFETIME)


class BlizzardClient:
    """Battle.net's API for World of Warcraft. Threads can share an instance."""

    def __init__(
        self,
        *,
        credentials: Credentials,
        oauth_url: str,
        api_url: str,
        media_urls: Sequence[str] = (),
        locale: str,
        transport: Transport,
    ) -> None:
        """`api_url` and `media_urls`, where pictures may come from, can contain `{region}`."""
        self._api_url = api_url
        self._media_urls = media_urls
        self._locale = locale
        self._transport = transport
        self._reader = ResponseReader(error_for, [credentials.client_secret], PRIVATE, transport.breaker)
        self._picture_reader = ResponseReader(error_for_picture, breaker=transport.breaker)
        self._application_token = ApplicationToken(
            credentials=credentials, url=oauth_url, transport=transport, reader=self._reader
        )

    @property
    def requests(self) -> int:
        """The number of requests that were sent, including those for tokens."""
        return self._transport.requests

    # --- the account, with its owner's token -------------------------------------------------------------------

    def account_profile(self, region: str, *, user_token: str) -> payloads.AccountProfile:
        """Return all characters in the region. NotFound: the player has no WoW account there."""
        return self._user(region, "/profile/user/wow", payloads.AccountProfile.from_json, user_token)

    def account_mounts(self, region: str, *, user_token: str) -> frozenset[int]:
        parse = payloads.collection_parser("mounts", "mount")
        return self._user(region, "/profile/user/wow/collections/mounts", parse, user_token)

    def account_toys(self, region: str, *, user_token: str) -> frozenset[int]:
        parse = payloads.collection_parser("toys", "toy")
        return self._user(region, "/profile/user/wow/collections/toys", parse, user_token)

    # --- characters and guilds, with the application's token ---------------------------------------------------

    def character(
        self,
        region: str,
        realm_slug: str,
        name: str,
        *,
        since: datetime | None = None,
        subject: Subject | None = None,
    ) -> Answer[payloads.CharacterSummary]:
        path = f"/profile/wow/character/{quote(realm_slug)}/{quote(name.lower())}"
        return self._changed(region, path, payloads.CharacterSummary.from_json, since, subject or Subject(path))

    def character_status(
        self, region: str, realm_slug: str, name: str, *, subject: Subject | None = None
    ) -> payloads.CharacterStatus:
        """Return whether the stored character can be kept; NotFound means that it can't."""
        path = f"/profile/wow/character/{quote(realm_slug)}/{quote(name.lower())}/status"
        return self._get(region, "profile", path, payloads.CharacterStatus.from_json, subject)

    def guild(self, region: str, realm_slug: str, guild_slug: str) -> payloads.GuildProfile:
        """Return the guild. Guilds are in the profile namespace despite their path."""
        path = f"/data/wow/guild/{quote(realm_slug)}/{quote(guild_slug)}"
        return self._get(region, "profile", path, payloads.GuildProfile.from_json)

    def guild_roster(
        self, region: str, realm_slug: str, guild_slug: str, *, since: datetime | None = None
    ) -> Answer[payloads.GuildRoster]:
        """Return all members, however many, in one answer."""
        guild = f"/data/wow/guild/{quote(realm_slug)}/{quote(guild_slug)}"
        return self._changed(region, f"{guild}/roster", payloads.GuildRoster.from_json, since, Subject(guild))

    # --- portraits, icons and specializations --------------------------------------------------------------------

    def character_media(
        self, region: str, realm_slug: str, name: str, *, since: datetime | None, subject: Subject
    ) -> Answer[media.CharacterMedia]:
        path = f"/profile/wow/character/{quote(realm_slug)}/{quote(name.lower())}/character-media"
        return self._changed(region, path, media.CharacterMedia.from_json, since, subject)

    def character_specializations(
        self, region: str, realm_slug: str, name: str, *, subject: Subject
    ) -> media.CharacterSpecializations:
        path = f"/profile/wow/character/{quote(realm_slug)}/{quote(name.lower())}/specializations"
        return self._get(region, "profile", path, media.CharacterSpecializations.from_json, subject)

    def icon_address(self, region: str, kind: str, number: int) -> str:
        """Return the address of an icon; the kind is "playable-class" or "playable-specialization"."""
        return self._get(region, "static", f"/data/wow/media/{kind}/{number}", media.picture_address)

    def picture(self, region: str, address: str, *, subject: Subject | None = None) -> media.FetchedPicture:
        """Fetch the picture that a document named, without a token, if it is on a host where pictures may be.

        It counts against the limits as every request does. NotFound: there is none.
        """
        known = [one.replace("{region}", region) for one in self._media_urls]
        if not any(address.startswith(f"{one}/") for one in known):
            raise BadPayload(PICTURE, detail="the picture is on an unknown host")
        info = RequestInfo(PICTURE, PICTURE, region, subject or Subject(address))
        if self._transport.breaker is not None:
            info = self._transport.breaker.admit(info)
        response = self._transport.send("GET", address, info)
        content = self._picture_reader.content(response, info)
        return media.FetchedPicture(content, response.headers.get("Content-Type", ""))

    # --- game data ----------------------------------------------------------------------------------------------

    def playable_classes(self, region: str) -> Entries[game_data.NamedId]:
        return self._get(region, "static", "/data/wow/playable-class/index", game_data.index_parser("classes"))

    def playable_races(self, region: str) -> Entries[game_data.NamedId]:
        """Return all races, without faction; names repeat."""
        return self._get(region, "static", "/data/wow/playable-race/index", game_data.index_parser("races"))

    def playable_race(self, region: str, race_id: int) -> game_data.Race:
        return self._get(region, "static", f"/data/wow/playable-race/{race_id}", game_data.Race.from_json)

    def specializations(self, region: str) -> Entries[game_data.NamedId]:
        """Return all specializations of characters, without role."""
        parse = game_data.index_parser("character_specializations")
        return self._get(region, "static", "/data/wow/playable-specialization/index", parse)

    def specialization(self, region: str, spec_id: int) -> game_data.Spec:
        return self._get(region, "static", f"/data/wow/playable-specialization/{spec_id}", game_data.Spec.from_json)

    def realms(self, region: str) -> Entries[payloads.RealmRef]:
        """Return all realms of the region. Realms are in the dynamic namespace."""
        return self._get(region, "dynamic", "/data/wow/realm/index", game_data.realm_index)

    def connected_realm_ids(self, region: str) -> Entries[int]:
        """Return the ids of all connected realms of the region."""
        return self._get(region, "dynamic", "/data/wow/connected-realm/index", game_data.connected_realm_ids)

    def connected_realm(self, region: str, connected_realm_id: int) -> game_data.ConnectedRealm:
        path = f"/data/wow/connected-realm/{connected_realm_id}"
        return self._get(region, "dynamic", path, game_data.ConnectedRealm.from_json)

    # --- requests ------------------------------------------------------------------------------------------------

    def _user(self, region: str, path: str, parse: Callable[[Any], T], user_token: str) -> T:
        # A token has one owner; the digest cannot be turned back into it.
        info = RequestInfo(path, endpoint_of(path), region, Subject(sha256(user_token.encode()).hexdigest()[:16]))
        return self._reader.parsed(*self._send(info, "profile", user_token=user_token), parse)

    def _get(
        self, region: str, namespace: str, path: str, parse: Callable[[Any], T], subject: Subject | None = None
    ) -> T:
        info = RequestInfo(path, endpoint_of(path), region, subject or Subject(path), is_application=True)
        return self._reader.parsed(*self._send(info, namespace), parse)

    def _changed(
        self, region: str, path: str, parse: Callable[[Any], T], since: datetime | None, subject: Subject
    ) -> Answer[T]:
        info = RequestInfo(path, endpoint_of(path), region, subject, is_application=True)
        return self._reader.answer(*self._send(info, "profile", since=since), parse, since)

    def _send(
        self, info: RequestInfo, namespace: str, *, since: datetime | None = None, user_token: str | None = None
    ) -> tuple[Response, RequestInfo]:
        if self._transport.breaker is not None:
            info = self._transport.breaker.admit(info)
        headers = {"Battlenet-Namespace": f"{namespace}-{info.region}"} | if_modified_since(since)
        token = user_token or self._application_token.get(info.probes)
        response = self._send_once(info, headers, token)
        if response.status_code == codes.unauthorized and user_token is None:
            # Battle.net can revoke the application's token early. A new one tells whether that was the reason.
            self._application_token.discard(token)
            token = self._application_token.get(info.probes)
            response = self._send_once(replace(info, has_new_token=True), headers, token)
        return response, info

    def _send_once(self, info: RequestInfo, headers: dict[str, str], token: str) -> Response:
        url = self._api_url.replace("{region}", info.region) + info.path
        authorization = {"Authorization": f"Bearer {token}"}
        return self._transport.send("GET", url, info, headers=headers | authorization, params={"locale": self._locale})
