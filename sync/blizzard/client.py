"""Battle.net over HTTP: a method for each endpoint, a typed answer, a handful of named errors."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from requests import Response, codes

from sync.blizzard import game_data, payloads
from sync.blizzard.entries import Entries
from sync.blizzard.fields import PayloadError
from sync.blizzard.refusals import error_for
from sync.engine.errors import ApplicationRefused, BadPayload, Paused, RateLimited
from sync.engine.http import Transport, retry_after
from sync.engine.protocols import Breaker, Gate, Meter, RequestInfo, Subject
from sync.engine.redact import excerpt

T = TypeVar("T")

# Paths below which answers hold what is nobody else's business.
PRIVATE = ("/profile/user/", "/token")
# A new application token is fetched this many seconds before the old one ends.
TOKEN_MARGIN = 300


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What came back. `payload` is None when nothing changed since the time that was asked about (304)."""

    payload: T | None
    last_modified: datetime | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """The application's id and secret at Battle.net. Its repr keeps the secret."""

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"Credentials({self.client_id!r})"


class BlizzardClient:
    """Asks Battle.net. One instance serves a process; threads may share it."""

    def __init__(
        self,
        *,
        credentials: Credentials,
        oauth_url: str,
        api_url: str,
        locale: str,
        gate: Gate,
        longest_wait: float,
        meter: Meter | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        """`api_url` may hold `{region}`. A wait above `longest_wait` seconds raises RateLimited instead of sleeping."""
        self._credentials = credentials
        self._oauth_url = oauth_url
        self._api_url = api_url
        self._locale = locale
        self._transport = Transport(gate=gate, longest_wait=longest_wait, meter=meter, breaker=breaker)
        self._breaker = breaker
        self._token_lock = threading.Lock()
        self._token = ""
        self._token_expires = 0.0

    @property
    def requests(self) -> int:
        """How many requests were sent, tokens included."""
        return self._transport.requests

    # --- the account, with its owner's token -------------------------------------------------------------------

    def account_profile(self, region: str, *, user_token: str) -> payloads.AccountProfile:
        """All characters in the region. NotFound: the person has no World of Warcraft there."""
        return self._user(region, "/profile/user/wow", payloads.AccountProfile.from_json, user_token)

    def account_mounts(self, region: str, *, user_token: str) -> payloads.Collection:
        """The mounts of the person's account in the region."""
        parse = payloads.Collection.parser("mounts", "mount")
        return self._user(region, "/profile/user/wow/collections/mounts", parse, user_token)

    def account_toys(self, region: str, *, user_token: str) -> payloads.Collection:
        """The toys of the person's account in the region."""
        parse = payloads.Collection.parser("toys", "toy")
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
        """The summary, which holds all that we show of a character."""
        path = f"/profile/wow/character/{quote(realm_slug)}/{quote(name.lower())}"
        return self._get(
            region, "profile", path, payloads.CharacterSummary.from_json, since=since, subject=subject or Subject(path)
        )

    def character_status(
        self, region: str, realm_slug: str, name: str, *, subject: Subject | None = None
    ) -> payloads.CharacterStatus:
        """Whether the stored character may be kept; NotFound means that it may not."""
        path = f"/profile/wow/character/{quote(realm_slug)}/{quote(name.lower())}/status"
        parse = payloads.CharacterStatus.from_json
        return _present(self._get(region, "profile", path, parse, subject=subject or Subject(path)), path)

    def guild(self, region: str, realm_slug: str, guild_slug: str) -> payloads.GuildProfile:
        """The guild itself. Guilds live in the profile namespace despite their path."""
        path = f"/data/wow/guild/{quote(realm_slug)}/{quote(guild_slug)}"
        return _present(
            self._get(region, "profile", path, payloads.GuildProfile.from_json, subject=Subject(path)), path
        )

    def guild_roster(
        self, region: str, realm_slug: str, guild_slug: str, *, since: datetime | None = None
    ) -> Answer[payloads.GuildRoster]:
        """All members in one answer, however many."""
        guild = f"/data/wow/guild/{quote(realm_slug)}/{quote(guild_slug)}"
        parse = payloads.GuildRoster.from_json
        return self._get(region, "profile", f"{guild}/roster", parse, since=since, subject=Subject(guild))

    # --- game data ----------------------------------------------------------------------------------------------

    def playable_classes(self, region: str) -> Entries[game_data.NamedId]:
        """Every class."""
        return self._fresh(region, "static", "/data/wow/playable-class/index", game_data.index_parser("classes"))

    def playable_races(self, region: str) -> Entries[game_data.NamedId]:
        """Every race, without faction; names repeat."""
        return self._fresh(region, "static", "/data/wow/playable-race/index", game_data.index_parser("races"))

    def playable_race(self, region: str, race_id: int) -> game_data.Race:
        """One race with its faction."""
        return self._fresh(region, "static", f"/data/wow/playable-race/{race_id}", game_data.Race.from_json)

    def specializations(self, region: str) -> Entries[game_data.NamedId]:
        """Every specialization of characters, without role."""
        parse = game_data.index_parser("character_specializations")
        return self._fresh(region, "static", "/data/wow/playable-specialization/index", parse)

    def specialization(self, region: str, spec_id: int) -> game_data.Spec:
        """One specialization with its class and role."""
        return self._fresh(region, "static", f"/data/wow/playable-specialization/{spec_id}", game_data.Spec.from_json)

    def realms(self, region: str) -> Entries[payloads.RealmRef]:
        """Every realm of the region. Realms live in the dynamic namespace."""
        return self._fresh(region, "dynamic", "/data/wow/realm/index", game_data.realm_index)

    def connected_realm_ids(self, region: str) -> Entries[int]:
        """Every connected realm of the region."""
        return self._fresh(region, "dynamic", "/data/wow/connected-realm/index", game_data.connected_realm_ids)

    def connected_realm(self, region: str, connected_realm_id: int) -> game_data.ConnectedRealm:
        """One connected realm with its realms in detail."""
        path = f"/data/wow/connected-realm/{connected_realm_id}"
        return self._fresh(region, "dynamic", path, game_data.ConnectedRealm.from_json)

    # --- the one way out -----------------------------------------------------------------------------------------

    def _user(self, region: str, path: str, parse: Callable[[Any], T], user_token: str) -> T:
        # A token has one owner; of its digest nobody can make a token again.
        subject = Subject(sha256(user_token.encode()).hexdigest()[:16])
        return _present(self._get(region, "profile", path, parse, user_token=user_token, subject=subject), path)

    def _fresh(self, region: str, namespace: str, path: str, parse: Callable[[Any], T]) -> T:
        return _present(self._get(region, namespace, path, parse, subject=Subject(path)), path)

    def _get(
        self,
        region: str,
        namespace: str,
        path: str,
        parse: Callable[[Any], T],
        *,
        subject: Subject,
        since: datetime | None = None,
        user_token: str | None = None,
    ) -> Answer[T]:
        info = RequestInfo(path, region, subject, is_application=user_token is None)
        if self._breaker is not None:
            info = self._breaker.admit(info)
        headers = {"Battlenet-Namespace": f"{namespace}-{region}"}
        if since is not None:
            headers["If-Modified-Since"] = format_datetime(since.astimezone(UTC), usegmt=True)
        url = self._api_url.replace("{region}", region) + path
        response = self._ask(url, info, headers, user_token)
        if response.status_code == codes.not_modified:
            return Answer(payload=None, last_modified=since)
        self._raise_for_status(response, info)
        return Answer(payload=self._parsed(response, path, parse), last_modified=_last_modified(response))

    def _ask(self, url: str, info: RequestInfo, headers: dict[str, str], user_token: str | None) -> Response:
        token = user_token or self._application_token(info.probes)
        response = self._send(url, info, headers, token)
        if response.status_code == codes.unauthorized and user_token is None:
            # Battle.net may end the application's token before its time. A new one tells whether that was it.
            self._forget_token(token)
            token = self._application_token(info.probes)
            response = self._send(url, replace(info, has_new_token=True), headers, token)
        return response

    def _send(self, url: str, info: RequestInfo, headers: dict[str, str], token: str) -> Response:
        authorization = {"Authorization": f"Bearer {token}"}
        return self._transport.send("GET", url, info, headers=headers | authorization, params={"locale": self._locale})

    def _raise_for_status(self, response: Response, info: RequestInfo) -> None:
        status, path = response.status_code, info.path
        if status == codes.ok:
            return
        if status == codes.too_many_requests:
            raise RateLimited(path, retry_after=retry_after(response), status=status)
        if self._breaker is not None and (wait := self._breaker.paused_for(info)) > 0:
            # An outage, of which this answer is a part. It says nothing of what was asked for.
            raise Paused(path, retry_after=wait, status=status)
        error = error_for(status, response.content)
        if status == codes.unauthorized and info.is_application:
            error = ApplicationRefused
        raise error(path, status=status, detail=f"HTTP {status}{self._said(response, path)}")

    def _said(self, response: Response, path: str) -> str:
        """The beginning of an answer, to end a message with.

        Of answers about a person's account, and of those that bring a token, nothing is told.
        """
        if path.startswith(PRIVATE):
            return ""
        authorization = str(response.request.headers.get("Authorization", ""))
        secrets = [*authorization.split(), self._credentials.client_secret]
        words = excerpt(response.content, secrets)
        return f": {words}" if words else ""

    def _parsed(self, response: Response, path: str, parse: Callable[[Any], T]) -> T:
        """Battle.net speaks UTF-8 JSON; everything else is a bad payload, told with its beginning."""
        try:
            body = json.loads(response.content)
            if not isinstance(body, dict):
                raise PayloadError("the answer is not an object")
            return parse(body)
        except PayloadError as error:
            detail = f"{error}{self._said(response, path)}"
            raise BadPayload(path, status=response.status_code, detail=detail) from error
        except (ValueError, KeyError, TypeError) as error:
            size = f"not JSON of the documented shape ({len(response.content)} bytes)"
            detail = f"{size}{self._said(response, path)}"
            raise BadPayload(path, status=response.status_code, detail=detail) from error

    # --- the application's token -----------------------------------------------------------------------------------

    def _application_token(self, probes: frozenset[str] = frozenset()) -> str:
        """One token for all threads; fetched when there is none or the old one is about to end."""
        with self._token_lock:
            if time.monotonic() >= self._token_expires:
                self._token, lifetime = self._fetch_token(probes)
                self._token_expires = time.monotonic() + max(lifetime - TOKEN_MARGIN, 30)
            return self._token

    def _forget_token(self, token: str) -> None:
        with self._token_lock:
            # Of many threads that were refused at once, one fetches the new token for all.
            if self._token == token:
                self._token_expires = 0.0

    def _fetch_token(self, probes: frozenset[str]) -> tuple[str, int]:
        info = RequestInfo("/token", is_application=True, has_new_token=True, probes=probes)
        response = self._transport.send(
            "POST",
            self._oauth_url + info.path,
            info,
            data={"grant_type": "client_credentials"},
            auth=(self._credentials.client_id, self._credentials.client_secret),
        )
        if codes.bad_request <= response.status_code < codes.too_many_requests:
            # A 404 here speaks of a wrong address and not of the character that the token was for.
            detail = f"HTTP {response.status_code}: Battle.net refuses the application's id and secret"
            raise ApplicationRefused(info.path, status=response.status_code, detail=detail)
        self._raise_for_status(response, info)
        return self._parsed(response, info.path, lambda body: (str(body["access_token"]), int(body["expires_in"])))


def _present(answer: Answer[T], path: str) -> T:
    if answer.payload is None:
        raise BadPayload(path, status=304, detail="304 to a request without If-Modified-Since")
    return answer.payload


def _last_modified(response: Response) -> datetime | None:
    """The header's time. Battle.net does not pad the day ("7 Mar"), which strict parsers refuse."""
    text = response.headers.get("Last-Modified")
    if not text:
        return None
    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
