"""The client of Bungie's API: its endpoints, and one method per endpoint.

Each request to the API carries the application's key, and one about a person that person's token. Neither is ever sent
to another address, such as that of content files.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any, TypeVar
from urllib.parse import quote

from requests import Response, codes

from outgoing.bounds import Bounds
from sync.bungie import milestones as weekly
from sync.bungie import payloads
from sync.bungie import vendors as selling
from sync.bungie.envelope import EnvelopeReader, Reply, error_for
from sync.bungie.errors import ConnectAgain, RefreshRules
from sync.bungie.limits import pause_of
from sync.bungie.manifest import ManifestIndex, parse_index
from sync.bungie.profile import COMPONENTS, Profile
from sync.engine.errors import ApiError, ApplicationRefused, Unavailable
from sync.engine.http import ResponseReader, Transport
from sync.engine.protocols import RequestInfo, Subject

T = TypeVar("T")

PLATFORM = "/Platform"
TOKEN = "/App/OAuth/token/"  # noqa: S105 - a path
MEMBERSHIPS = "/User/GetMembershipsForCurrentUser/"
LINKED_PROFILES = "/Destiny2/{type}/Profile/{id}/LinkedProfiles/"
MANIFEST = "/Destiny2/Manifest/"
CONTENT = "/common/destiny2_content/"
# The largest known database has 155 MB (2024), about a quarter of it as a ZIP.
CONTENT_BOUNDS = Bounds(size=2**30, seconds=900)
PROFILE = "/Destiny2/{type}/Profile/{id}/"
VENDORS = "/Destiny2/{type}/Profile/{id}/Character/{character}/Vendors/"
PUBLIC_VENDORS = "/Destiny2/Vendors/"
MILESTONES = "/Destiny2/Milestones/"
# Responses below these paths are private: of tokens, of a Bungie.net account, of a membership and its type.
PRIVATE = (TOKEN, "/User/", *(f"/Destiny2/{first}" for first in "-0123456789"))
NO_PARAMS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Credentials:
    """The application's id, secret and key at Bungie."""

    client_id: str
    client_secret: str = field(repr=False)
    api_key: str = field(repr=False)


class BungieClient:
    """Bungie's API for Destiny 2. Threads can share an instance."""

    def __init__(self, *, credentials: Credentials, url: str, user_agent: str, transport: Transport) -> None:
        self._credentials = credentials
        self._site, self._url = url, url + PLATFORM
        self._user_agent = user_agent
        self._transport = transport
        hidden = [credentials.client_secret, credentials.api_key]
        self._reader = EnvelopeReader(secrets=hidden, private=PRIVATE, breaker=transport.breaker)
        self._token_reader = ResponseReader(error_for, hidden, PRIVATE, transport.breaker)

    @property
    def requests(self) -> int:
        """The number of requests that were sent."""
        return self._transport.requests

    # --- a person ------------------------------------------------------------------------------------------------

    def refreshed_tokens(self, refresh_token: str, *, person: str) -> payloads.Tokens:
        """Trade a refresh token, which works once, for new tokens.

        Raises ConnectAgain if Bungie will never accept it again. Every other error leaves the tokens as they are.
        """
        info = self._admitted(RequestInfo(TOKEN, TOKEN, subject=Subject(person)))
        response = self._transport.send(
            "POST",
            self._url + TOKEN,
            info,
            headers={"User-Agent": self._user_agent},
            data={"grant_type": "refresh_token", "refresh_token": refresh_token},
            auth=(self._credentials.client_id, self._credentials.client_secret),
        )
        if response.status_code != codes.ok and (error := _token_error(response)) is not None:
            raise error
        return self._token_reader.parsed(response, info, payloads.Tokens.from_json)

    def memberships(self, *, token: str, person: str) -> payloads.Memberships:
        """Return the Bungie.net account of the token, with its memberships."""
        return self.get(MEMBERSHIPS, payloads.Memberships.from_json, person=person, token=token)

    def linked_profiles(
        self, membership_type: int, membership_id: int, *, token: str, person: str
    ) -> payloads.LinkedProfiles:
        """Return which memberships of the person were played, and when. With their token, also the private ones."""
        return self.get(
            LINKED_PROFILES,
            payloads.LinkedProfiles.from_json,
            {"type": membership_type, "id": membership_id},
            params={"getAllMemberships": "true"},
            person=person,
            token=token,
        )

    # --- the manifest --------------------------------------------------------------------------------------------

    def manifest(self, languages: Sequence[str]) -> ManifestIndex:
        """Return where the content files of these languages are."""
        return self.get(MANIFEST, partial(parse_index, languages=languages))

    def content_file(self, path: str, file: IO[bytes], *, is_fresh: bool) -> None:
        """Write a content file into the file; with `is_fresh` not one that a cache on the way has kept.

        It comes from a CDN, which gets neither the application's key nor a token.
        """
        query = f"?{secrets.token_hex(8)}" if is_fresh else ""
        info = self._admitted(RequestInfo(path, CONTENT, subject=Subject(path)))
        headers = {"User-Agent": self._user_agent}
        response = self._transport.download(self._site + path + query, info, file, CONTENT_BOUNDS, headers=headers)
        self._reader.content(response, info)

    def profile(self, membership_type: int, membership_id: int, *, token: str, person: str) -> Profile:
        """Return the characters, items and loadouts of a membership. With its owner's token, also the private parts."""
        return self.get(
            PROFILE,
            Profile.from_json,
            {"type": membership_type, "id": membership_id},
            params=_components(COMPONENTS),
            person=person,
            token=token,
        )

    # --- vendors and milestones ----------------------------------------------------------------------------------

    def vendors(
        self, membership_type: int, membership_id: int, character_id: int, *, token: str, person: str
    ) -> selling.Vendors:
        """Return the vendors of a character, with what they sell. Needs the owner's token."""
        ids = {"type": membership_type, "id": membership_id, "character": character_id}
        parse = selling.Vendors.from_json
        return self.get(VENDORS, parse, ids, params=_components(selling.COMPONENTS), person=person, token=token)

    def public_vendors(self) -> selling.Vendors:
        """Return the vendors that are the same for everybody."""
        return self.get(PUBLIC_VENDORS, selling.Vendors.from_json, params=_components(selling.COMPONENTS))

    def milestones(self) -> Mapping[int, weekly.Milestone]:
        """Return the milestones of the week, by hash."""
        return self.get(MILESTONES, weekly.parse_milestones)

    def progress(self, membership_type: int, membership_id: int, *, token: str, person: str) -> weekly.Progress:
        """Return what a membership has done this week, and what its collections lack."""
        ids = {"type": membership_type, "id": membership_id}
        parse = weekly.Progress.from_json
        return self.get(PROFILE, parse, ids, params=_components(weekly.COMPONENTS), person=person, token=token)

    # --- requests ------------------------------------------------------------------------------------------------

    def get(
        self,
        endpoint: str,
        parse: Callable[[Any], T],
        ids: Mapping[str, int | str] | None = None,
        *,
        params: Mapping[str, str] = NO_PARAMS,
        person: str = "",
        token: str = "",
    ) -> T:
        """Return what an endpoint answers; `ids` fills in its path. A success without content is asked once more."""
        info = self._info(endpoint, ids, person)
        response = self._send("GET", info, token, params=params)
        if isinstance(response, Reply) and response.is_empty:
            response = self._send("GET", info, token, params=params)
        return self._reader.parsed(response, info, parse)

    def act(self, endpoint: str, body: Mapping[str, Any], parse: Callable[[Any], T], *, person: str, token: str) -> T:
        """Carry out an action for a person, not before the pause that Bungie demands since their last one."""
        info = self._info(endpoint, None, person)
        response = self._send("POST", info, token, json=dict(body))
        return self._reader.parsed(response, info, parse)

    def _info(self, endpoint: str, ids: Mapping[str, int | str] | None, person: str) -> RequestInfo:
        path = endpoint.format(**{name: quote(str(one), safe="-") for name, one in (ids or {}).items()})
        # Each request carries the application's key; a new one would not help.
        return RequestInfo(
            path,
            endpoint,
            subject=Subject(person or path),
            pause=pause_of(endpoint, person),
            is_application=True,
            has_new_token=True,
        )

    def _admitted(self, info: RequestInfo) -> RequestInfo:
        return info if self._transport.breaker is None else self._transport.breaker.admit(info)

    def _send(self, method: str, info: RequestInfo, token: str, **content: Any) -> Response:
        headers = {"X-API-Key": self._credentials.api_key, "User-Agent": self._user_agent}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self._transport.send(method, self._url + info.path, self._admitted(info), headers=headers, **content)


def _components(numbers: Sequence[int]) -> dict[str, str]:
    return {"components": ",".join(map(str, numbers))}


def _token_error(response: Response) -> ApiError | None:
    """Return the error of a refused refresh; None for those that every endpoint can have."""
    document = response.document if isinstance(response, Reply) else {}
    envelope = response.envelope if isinstance(response, Reply) else None
    description = str(document.get("error_description"))
    error = str(document.get("error"))
    status = response.status_code
    if description in RefreshRules.DESCRIPTIONS or (envelope and envelope.code in RefreshRules.CODES):
        detail = description if envelope is None else f"code {envelope.code} {envelope.status}"
        return ConnectAgain(TOKEN, status=status, detail=detail)
    if error in RefreshRules.OF_THE_APPLICATION:
        return ApplicationRefused(TOKEN, status=status, detail=f"Bungie refuses the application: {error}")
    if envelope is None and document and status in (codes.unauthorized, codes.forbidden):
        return ConnectAgain(TOKEN, status=status, detail=f"HTTP {status}")
    if envelope is None and codes.bad_request <= status < codes.too_many_requests:
        # Maintenance comes as a 400, too.
        return Unavailable(TOKEN, status=status, detail=f"HTTP {status}")
    return None
