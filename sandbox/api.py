"""The game API: authentication, rate limits, regions and documents."""

import asyncio
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from aiohttp import web

from sandbox import routes
from sandbox.cache import Document, Key
from sandbox.dates import http_date, parse_http_date
from sandbox.documents.context import known_locale
from sandbox.endpoints.endpoint import DocumentRequest, Endpoint
from sandbox.responses import JSON_TYPE, empty_response, error_response, json_bytes
from sandbox.state import Sandbox
from sandbox.tokens import Token
from sandbox.world.models import REGIONS

_NAMESPACE = re.compile(r"(static|dynamic|profile)(?:-\d+\.\d+\.\d+_\d+)?-(\w\w)")
# The only URL that documents link to without a namespace.
_WITHOUT_NAMESPACE = {"/profile/user": "profile-us"}
_REGION_PREFIX = re.compile(rf"/({'|'.join(REGIONS)})(/.*)")


@dataclass(frozen=True, slots=True)
class RequestPath:
    """A request's path: the optional region prefix, the rest, and the endpoint it matches (None if there is none)."""

    prefix: str | None
    path: str
    endpoint: Endpoint | None
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """The document a request is for, after all checks have passed."""

    endpoint: Endpoint
    parts: tuple[str, ...]
    path: str
    region: str
    locale: str | None
    persona: str | None

    @property
    def key(self) -> Key:
        """The document's key in the cache."""
        return (self.path, self.region, self.locale, self.persona if self.endpoint.is_personal else None)


async def respond(sandbox: Sandbox, request: web.BaseRequest) -> web.Response:
    """Answer one API request and count it."""
    now = time.monotonic()
    request_path = parse_path(request.path)
    sandbox.stats.count_request(now)
    response = await _check_and_answer(sandbox, request, now, request_path)
    name = request_path.endpoint.name if request_path.endpoint else "unknown"
    sandbox.stats.count_response(name, request_path.path, response.status)
    return response


def parse_path(path: str) -> RequestPath:
    """Parse a decoded path."""
    found = _REGION_PREFIX.fullmatch(path)
    prefix, rest = (found[1], found[2]) if found else (None, path)
    return RequestPath(prefix, rest, *routes.match(rest))


async def _check_and_answer(
    sandbox: Sandbox, request: web.BaseRequest, now: float, request_path: RequestPath
) -> web.Response:
    """Check token, limits, region and faults, then answer. A token in the query is an empty 404, as at Battle.net."""
    if request.query_string and "access_token" in request.query:
        return empty_response(404)
    token = sandbox.tokens.bearer(request.headers.get("Authorization"))
    if token is None:
        return empty_response(401)
    if not sandbox.limiter.admit(token.client_id, now):
        return empty_response(429)
    if sandbox.options.latency_ms:
        await asyncio.sleep(sandbox.options.latency_ms / 1000)

    region = request_path.prefix or _requested_region(request)
    failure = await sandbox.regions.failure(region)
    if failure is not None:
        return failure

    async def answer() -> web.Response:
        return _answer(sandbox, request, token, request_path)

    return await sandbox.faults.apply(request_path.path, answer, region)


def _requested_region(request: web.BaseRequest) -> str | None:
    return _parse_namespace(_namespace(request))[1] or None


def _namespace(request: web.BaseRequest) -> str:
    in_header = request.headers.get("Battlenet-Namespace")
    return in_header or (request.query.get("namespace", "") if request.query_string else "")


def _answer(sandbox: Sandbox, request: web.BaseRequest, token: Token, request_path: RequestPath) -> web.Response:
    if request.method != "GET":
        return empty_response(405)
    query = request.query if request.query_string else {}
    namespace = _namespace(request) or _WITHOUT_NAMESPACE.get(request_path.path)
    if not namespace:
        return error_response(403)
    endpoint, (kind, region) = request_path.endpoint, _parse_namespace(namespace)
    if endpoint is None or (request_path.prefix or region) != region:
        return empty_response(404)
    if kind != endpoint.namespace:
        return error_response(404, _common_headers(sandbox, kind, region) if kind else None)
    headers = _common_headers(sandbox, kind, region)
    if endpoint.is_personal and (token.persona is None or "wow.profile" not in token.scopes):
        return error_response(403, headers)
    locale = known_locale(query["locale"]) if "locale" in query else None
    if "locale" in query and locale is None:
        # Battle.net's answer to an unknown locale is not known; ignoring it would hide a typo.
        return error_response(404, headers)
    target = Target(endpoint, request_path.parts, request_path.path, region, locale, token.persona)
    return _document_answer(sandbox, request, target, headers)


def _document_answer(
    sandbox: Sandbox, request: web.BaseRequest, target: Target, headers: Mapping[str, str]
) -> web.Response:
    document = _find(sandbox, target)
    if isinstance(document, int):
        return error_response(document, headers)
    if _is_unchanged(document, request.headers.get("If-Modified-Since")):
        return empty_response(304, {**headers, **document.headers})
    return web.Response(body=document.body, headers={**headers, **document.headers, "Content-Type": JSON_TYPE})


def _find(sandbox: Sandbox, target: Target) -> Document | int:
    """Return the document, cached or newly rendered, or the status code if there is none."""
    document = sandbox.cache.get(target.key)
    if document is not None:
        return document
    person = sandbox.world.personas.get(target.persona or "")
    subject = target.endpoint.find(DocumentRequest(sandbox.world, target.region, target.parts, person))
    if subject is None or subject == 403:
        return subject or 404
    document = _make(sandbox, target, subject)
    sandbox.cache.put(target.key, document)
    return document


def _make(sandbox: Sandbox, target: Target, subject: object) -> Document:
    endpoint = target.endpoint
    body = json_bytes(endpoint.render(sandbox.document_context(target.region, target.locale), subject))
    modified = endpoint.modified(sandbox.world, subject) if endpoint.modified else None
    headers = {"Battlenet-Schema": endpoint.name, "Battlenet-Schema-Revision": "1"}
    if modified is not None:
        headers["Last-Modified"] = http_date(modified)
    if endpoint.cache_control:
        headers["Cache-Control"] = endpoint.cache_control
    return Document(body, headers, modified)


def _is_unchanged(document: Document, since: str | None) -> bool:
    if since is None or document.modified is None:
        return False
    moment = parse_http_date(since)
    return moment is not None and document.modified <= moment


@lru_cache(maxsize=256)
def _parse_namespace(namespace: str) -> tuple[str, str]:
    """Return kind and region of a namespace; two empty strings if it is invalid or of another game version."""
    found = _NAMESPACE.fullmatch(namespace.lower())
    return (found[1], found[2]) if found and found[2] in REGIONS else ("", "")


def _common_headers(sandbox: Sandbox, kind: str, region: str) -> dict[str, str]:
    """Headers that every response has: the resolved namespace, and trace ids."""
    build = f"-{sandbox.world.clock.build}" if kind == "static" else ""
    trace, span = secrets.token_hex(16), secrets.token_hex(8)
    return {
        "Battlenet-Namespace": f"{kind}{build}-{region}",
        "x-trace-traceid": trace,
        "x-trace-spanid": span,
        "x-trace-parentspanid": span,
        "x-frame-options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "vary": "accept-encoding",
    }
