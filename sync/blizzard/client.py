"""Battle.net over HTTP: a method for each endpoint, a typed answer, a handful of named errors."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter

from sync.blizzard import payloads
from sync.blizzard.errors import (
    BadPayload,
    BlizzardError,
    Forbidden,
    NotFound,
    NothingSent,
    RateLimited,
    TokenExpired,
    Unavailable,
)
from sync.blizzard.excerpts import excerpt
from sync.blizzard.fields import PayloadError

T = TypeVar("T")

# Seconds to connect and between two bytes of an answer.
TIMEOUT = (5, 20)
CONNECTIONS_PER_HOST = 64
# A 429 holds for the rest of the second in which it came; a request is sent at most so often in spite of it.
REFUSAL_LASTS = 1.0
MOST_REFUSALS = 5
# Paths below which answers hold what is nobody else's business.
PRIVATE = ("/profile/user/", "/token")
# A new application token is fetched this many seconds before the old one ends.
TOKEN_MARGIN = 300


class Gate(Protocol):
    """What stands in front of every request; `sync.throttle` is the one that ships."""

    def enter(self, longest_wait: float) -> None:
        """Return when one request may be sent.

        Raises WaitTooLong instead of waiting more than `longest_wait` seconds, and ConnectionError when it cannot tell;
        then nothing may be sent.
        """

    def close(self, seconds: float) -> None:
        """Let nobody through for this long: Battle.net said that it was too much."""


class Meter(Protocol):
    """Who counts what becomes of requests; `sync.meter` is the one that ships. It never raises."""

    def sent(self, path: str, status: int | None, waited: float) -> None:
        """A request left after so many seconds at the gate; None when no answer came."""

    def handed_back(self) -> None:
        """The gate's next turn was too far away for a caller."""


class WaitTooLong(Exception):
    """The gate's next turn is more than the caller's longest wait away: `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"the next turn comes in {seconds:.1f} s")


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
    ) -> None:
        """`api_url` may hold `{region}`. A wait above `longest_wait` seconds raises RateLimited instead of sleeping.

        `requests` counts what was sent since then, tokens included.
        """
        self._credentials = credentials
        self._oauth_url = oauth_url
        self._api_url = api_url
        self._locale = locale
        self._gate = gate
        self._longest_wait = longest_wait
        self._meter = meter
        self._local = threading.local()
        self._token_lock = threading.Lock()
        self._token = ""
        self._token_expires = 0.0
        self._count_lock = threading.Lock()
        self.requests = 0

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
        self, region: str, realm_slug: str, name: str, *, since: datetime | None = None
    ) -> Answer[payloads.CharacterSummary]:
        """The summary, which holds all that we show of a character."""
        path = f"/profile/wow/character/{quote(realm_slug)}/{quote(name.lower())}"
        return self._get(region, "profile", path, payloads.CharacterSummary.from_json, since=since)

    def character_status(self, region: str, realm_slug: str, name: str) -> payloads.CharacterStatus:
        """Whether the stored character may be kept; NotFound means that it may not."""
        path = f"/profile/wow/character/{quote(realm_slug)}/{quote(name.lower())}/status"
        return self._fresh(region, "profile", path, payloads.CharacterStatus.from_json)

    def guild(self, region: str, realm_slug: str, guild_slug: str) -> payloads.GuildProfile:
        """The guild itself. Guilds live in the profile namespace despite their path."""
        path = f"/data/wow/guild/{quote(realm_slug)}/{quote(guild_slug)}"
        return self._fresh(region, "profile", path, payloads.GuildProfile.from_json)

    def guild_roster(
        self, region: str, realm_slug: str, guild_slug: str, *, since: datetime | None = None
    ) -> Answer[payloads.GuildRoster]:
        """All members in one answer, however many."""
        path = f"/data/wow/guild/{quote(realm_slug)}/{quote(guild_slug)}/roster"
        return self._get(region, "profile", path, payloads.GuildRoster.from_json, since=since)

    # --- game data ----------------------------------------------------------------------------------------------

    def playable_classes(self, region: str) -> tuple[payloads.NamedId, ...]:
        """Every class."""
        return self._fresh(region, "static", "/data/wow/playable-class/index", payloads.index_parser("classes"))

    def playable_races(self, region: str) -> tuple[payloads.NamedId, ...]:
        """Every race, without faction; names repeat."""
        return self._fresh(region, "static", "/data/wow/playable-race/index", payloads.index_parser("races"))

    def playable_race(self, region: str, race_id: int) -> payloads.Race:
        """One race with its faction."""
        return self._fresh(region, "static", f"/data/wow/playable-race/{race_id}", payloads.Race.from_json)

    def specializations(self, region: str) -> tuple[payloads.NamedId, ...]:
        """Every specialisation of characters, without role."""
        parse = payloads.index_parser("character_specializations")
        return self._fresh(region, "static", "/data/wow/playable-specialization/index", parse)

    def specialization(self, region: str, spec_id: int) -> payloads.Spec:
        """One specialisation with its class and role."""
        return self._fresh(region, "static", f"/data/wow/playable-specialization/{spec_id}", payloads.Spec.from_json)

    def realms(self, region: str) -> tuple[payloads.RealmRef, ...]:
        """Every realm of the region. Realms live in the dynamic namespace."""
        return self._fresh(region, "dynamic", "/data/wow/realm/index", payloads.realm_index)

    def connected_realm_ids(self, region: str) -> tuple[int, ...]:
        """Every connected realm of the region."""
        return self._fresh(region, "dynamic", "/data/wow/connected-realm/index", payloads.connected_realm_ids)

    def connected_realm(self, region: str, connected_realm_id: int) -> payloads.ConnectedRealm:
        """One connected realm with its realms in detail."""
        path = f"/data/wow/connected-realm/{connected_realm_id}"
        return self._fresh(region, "dynamic", path, payloads.ConnectedRealm.from_json)

    # --- the one way out -----------------------------------------------------------------------------------------

    def _user(self, region: str, path: str, parse: Callable[[Any], T], user_token: str) -> T:
        return _present(self._get(region, "profile", path, parse, user_token=user_token), path)

    def _fresh(self, region: str, namespace: str, path: str, parse: Callable[[Any], T]) -> T:
        return _present(self._get(region, namespace, path, parse), path)

    def _get(
        self,
        region: str,
        namespace: str,
        path: str,
        parse: Callable[[Any], T],
        *,
        since: datetime | None = None,
        user_token: str | None = None,
    ) -> Answer[T]:
        headers = {"Battlenet-Namespace": f"{namespace}-{region}"}
        if since is not None:
            headers["If-Modified-Since"] = format_datetime(since.astimezone(UTC), usegmt=True)
        url = self._api_url.replace("{region}", region) + path
        token = user_token or self._application_token()
        response = self._ask(url, path, headers, token)
        if response.status_code == requests.codes.unauthorized and user_token is None:
            # Battle.net may end the application's token before its time. A new one tells whether that was it.
            self._forget_token(token)
            response = self._ask(url, path, headers, self._application_token())
        if response.status_code == requests.codes.not_modified:
            return Answer(payload=None, last_modified=since)
        self._raise_for_status(response, path)
        return Answer(payload=self._parsed(response, path, parse), last_modified=_last_modified(response))

    def _ask(self, url: str, path: str, headers: dict[str, str], token: str) -> requests.Response:
        authorization = {"Authorization": f"Bearer {token}"}
        return self._send("GET", url, path, headers=headers | authorization, params={"locale": self._locale})

    def _pass_gate(self, path: str) -> float:
        """Returns the seconds that it took."""
        began = time.monotonic()
        try:
            self._gate.enter(self._longest_wait)
        except WaitTooLong as error:
            if self._meter is not None:
                self._meter.handed_back()
            raise RateLimited(path, retry_after=error.seconds) from error
        except ConnectionError as error:
            raise NothingSent(path, detail="the throttle cannot be reached, so nothing was sent") from error
        return time.monotonic() - began

    def _send(self, method: str, url: str, path: str, **kwargs: Any) -> requests.Response:
        """Send when the gate opens; what Battle.net refuses with 429 is sent again, a few times."""
        session = self._session()
        # Everything that takes time is done before the gate, so that the request leaves when its turn comes.
        request = session.prepare_request(requests.Request(method, url, **kwargs))
        for _ in range(MOST_REFUSALS):
            waited = self._pass_gate(path)
            response = self._transmit(session, request, path, waited)
            if response.status_code != requests.codes.too_many_requests:
                return response
            # Without Redis the gate lets nobody through anyway.
            with suppress(ConnectionError):
                self._gate.close(REFUSAL_LASTS)
        return response

    def _transmit(
        self, session: requests.Session, request: requests.PreparedRequest, path: str, waited: float
    ) -> requests.Response:
        with self._count_lock:
            self.requests += 1
        status: int | None = None
        try:
            response = session.send(request, timeout=TIMEOUT, allow_redirects=False)
            status = response.status_code
        except requests.RequestException as error:
            # The message of the original may hold the address with its query; its name says enough.
            raise Unavailable(path, detail=type(error).__name__) from None
        finally:
            if self._meter is not None:
                self._meter.sent(path, status, waited)
        return response

    def _session(self) -> requests.Session:
        # A requests.Session is not promised to be safe for threads, so each thread has its own.
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # a stray .netrc must not replace our Authorization header
            adapter = HTTPAdapter(pool_connections=8, pool_maxsize=CONNECTIONS_PER_HOST)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            self._local.session = session
        return session

    def _raise_for_status(self, response: requests.Response, path: str) -> None:
        status = response.status_code
        if status == requests.codes.ok:
            return
        if status == requests.codes.too_many_requests:
            raise RateLimited(path, retry_after=REFUSAL_LASTS, status=status)
        raise _named_error(status)(path, status=status, detail=f"HTTP {status}{self._said(response, path)}")

    def _said(self, response: requests.Response, path: str) -> str:
        """The beginning of an answer, to end a message with.

        Of answers about a person's account, and of those that bring a token, nothing is told.
        """
        if path.startswith(PRIVATE):
            return ""
        authorization = str(response.request.headers.get("Authorization", ""))
        secrets = [*authorization.split(), self._credentials.client_secret]
        words = excerpt(response.content, secrets)
        return f": {words}" if words else ""

    def _parsed(self, response: requests.Response, path: str, parse: Callable[[Any], T]) -> T:
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

    def _application_token(self) -> str:
        """One token for all threads; fetched when there is none or the old one is about to end."""
        with self._token_lock:
            if time.monotonic() >= self._token_expires:
                self._token, lifetime = self._fetch_token()
                self._token_expires = time.monotonic() + max(lifetime - TOKEN_MARGIN, 30)
            return self._token

    def _forget_token(self, token: str) -> None:
        with self._token_lock:
            # Of many threads that were refused at once, one fetches the new token for all.
            if self._token == token:
                self._token_expires = 0.0

    def _fetch_token(self) -> tuple[str, int]:
        path = "/token"
        response = self._send(
            "POST",
            self._oauth_url + path,
            path,
            data={"grant_type": "client_credentials"},
            auth=(self._credentials.client_id, self._credentials.client_secret),
        )
        if requests.codes.bad_request <= response.status_code < requests.codes.too_many_requests:
            # A 404 here speaks of a wrong address and not of the character that the token was for.
            detail = f"HTTP {response.status_code}: Battle.net refuses the application's id and secret"
            raise TokenExpired(path, status=response.status_code, detail=detail)
        self._raise_for_status(response, path)
        return self._parsed(response, path, lambda body: (str(body["access_token"]), int(body["expires_in"])))


def _present(answer: Answer[T], path: str) -> T:
    if answer.payload is None:
        raise BadPayload(path, status=304, detail="304 to a request without If-Modified-Since")
    return answer.payload


def _named_error(status: int) -> type[BlizzardError]:
    if status >= requests.codes.server_error:
        return Unavailable
    return {
        requests.codes.unauthorized: TokenExpired,
        requests.codes.forbidden: Forbidden,
        requests.codes.not_found: NotFound,
    }.get(status, BadPayload)


def _last_modified(response: requests.Response) -> datetime | None:
    """The header's time. Battle.net does not pad the day ("7 Mar"), which strict parsers refuse."""
    text = response.headers.get("Last-Modified")
    if not text:
        return None
    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
