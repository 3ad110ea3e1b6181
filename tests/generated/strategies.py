"""Strategies for requests that are valid except for one or two places, so that they reach the views."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from hypothesis import strategies as st

from tests.generated.hostile import (
    CHARSETS,
    CONTENT_TYPES,
    PART_HEADERS,
    TRANSFER_ENCODINGS,
    escaped,
    raw,
    texts,
    words,
)
from tests.generated.known import ADMIN_PARAMETERS, PARAMETERS, PEOPLE, Known
from tests.generated.routes import Route

METHODS = (
    *("GET", "POST") * 6,
    *("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"),
)
HEADERS = words("""
    Accept Accept-Language Accept-Encoding Authorization Host Origin Referer User-Agent If-Modified-Since If-None-Match
    If-Unmodified-Since Range X-CSRFToken X-Forwarded-For X-Forwarded-Proto X-Forwarded-Host X-Requested-With Forwarded
    X-HTTP-Method-Override HX-Request HX-Boosted HX-Current-URL HX-Current-URL-URI-AutoEncoded HX-Target HX-Trigger
    HX-History-Restore-Request HX-Prompt
""")
HEADER_VALUES = (
    *(
        "true",
        "false",
        "*",
        "de-DE,de;q=0.9,*;q=NaN",
        "zh-Hant" * 80,
        "bytes=0-",
        "bytes=-1-",
        "bytes=9-1,1-9",
        "Bearer x",
    ),
    *(
        "Bearer \xff",
        "Basic ====",
        "Sat, 99 Nov 2026 25:61:61 GMT",
        "Sat, 21 Nov 0000 00:00:00 GMT",
        'W/"\xff"',
        "https",
    ),
    *(
        "http",
        "evil.example",
        "127.0.0.1:99999",
        "[::1",
        "localhost:8000",
        "testserver",
        "1.2.3.4, 5.6.7.8",
        "gzip;q=-1",
    ),
    *("http://[", "http://testserver/", "null", "XMLHttpRequest", "\xed\xa0\x80", "%00", ",,,,", "999999999999-"),
)
# The cookie and the field must be equal.
CSRF = "c" * 32
STATIC = (
    "/static/css/base.css",
    "/static/",
    "/static/..%2f..%2fetc/passwd",
    "/static/%00",
    "/favicon.ico",
    "/static/css/base.css/",
)


ELSEWHERE = (*(Route("static", (one,), ()) for one in STATIC), Route("nowhere", ("/", ""), ("anything",)))


@dataclass(frozen=True)
class Request:
    """A request to be sent. Header values have one character per byte, as in WSGI."""

    route: str
    who: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: str = ""
    content_type: str = ""
    body: bytes = b""


@st.composite
def requests_to(draw: st.DrawFn, route: Route, known: Known) -> Request:
    """Return requests to one route."""
    who = draw(st.sampled_from(("site admin", "guild master", *PEOPLE)))
    method = draw(st.sampled_from(METHODS))
    content_type, body = draw(_bodies(route, known)) if method == "POST" or draw(_rarely()) else ("", b"")
    headers = draw(st.dictionaries(st.sampled_from(HEADERS), _header_values(), max_size=3))
    return Request(
        route=route.name,
        who=who,
        method=method,
        path=draw(_paths(route, known)),
        query=draw(_queries(route, known)),
        headers={"X-CSRFToken": CSRF, **headers},
        cookies=draw(_cookies(known.sessions[who])),
        content_type=content_type,
        body=body,
    )


def _rarely() -> st.SearchStrategy[bool]:
    return st.integers(0, 9).map(lambda number: number == 9)


def _header_values() -> st.SearchStrategy[str]:
    made = texts().map(lambda text: raw(text).decode("latin-1"))
    # gunicorn refuses control characters.
    return st.one_of(st.sampled_from(HEADER_VALUES), made.map(lambda text: "".join(one for one in text if one >= " ")))


@st.composite
def _paths(draw: st.DrawFn, route: Route, known: Known) -> str:
    # At most one place is wrong: otherwise no request would find its guild.
    wrong = draw(st.sampled_from((-1, -1, -1, *range(len(route.places)))))
    path = route.texts[0]
    for number, (place, text) in enumerate(zip(route.places, route.texts[1:], strict=True)):
        values = known.values.get(place)
        hostile = number == wrong or values is None
        path += draw(texts().map(escaped)) if hostile or values is None else escaped(draw(st.sampled_from(values)))
        path += text
    if draw(_rarely()):
        path = draw(
            st.sampled_from([path.rstrip("/"), path + "%00", f"/{path}", path + "%ed%a0%80", path.upper(), "*", ""])
        )
    return path


@st.composite
def _queries(draw: st.DrawFn, route: Route, known: Known) -> str:
    names = [*PARAMETERS, *(ADMIN_PARAMETERS if route.name.startswith("admin:") else ())]
    lookups = known.lookups.get(route.model, ())
    pairs = []
    for _ in range(draw(st.sampled_from((0, 0, 1, 1, 2, 3)))):
        name = draw(st.one_of(st.sampled_from(names), st.sampled_from(lookups or names), texts()))
        value = draw(st.one_of(texts(), st.sampled_from(known.all_values())))
        pairs.append(f"{escaped(name)}={escaped(value)}")
    if draw(_rarely()):
        pairs.append(
            draw(st.sampled_from(("%", "%f", "&&==", "a" * 9000, "&".join("x=1" for _ in range(1100)), "\xff\x00")))
        )
    return "&".join(pairs)


@st.composite
def _cookies(draw: st.DrawFn, session: str) -> str:
    cookies = [f"{settings.CSRF_COOKIE_NAME}={CSRF}"] if not draw(_rarely()) else []
    cookies += [f"{settings.SESSION_COOKIE_NAME}={session}"] if session else []
    if draw(_rarely()):
        names = (
            settings.SESSION_COOKIE_NAME,
            settings.CSRF_COOKIE_NAME,
            "messages",
            "django_language",
            "sessionid",
            "x",
            "",
        )
        value = draw(
            st.one_of(
                texts().map(lambda text: "".join(one for one in raw(text).decode("latin-1") if one >= " ")),
                st.sampled_from(('"\\000"', '"a\\000b"', "a" * 4000, '"\\355\\240\\200"', "W10:1:a", "a\xff", "é")),
            )
        )
        cookies.append(f"{draw(st.sampled_from(names))}={value}")
    return "; ".join(draw(st.permutations(cookies)))


@st.composite
def _bodies(draw: st.DrawFn, route: Route, known: Known) -> tuple[str, bytes]:
    form: Mapping[str, Any] = known.forms.get(route.name) or known.forms.get(route.model) or {}
    pairs = [("csrfmiddlewaretoken", CSRF)]
    pairs += [
        (name, str(one)) for name, value in form.items() for one in (value if isinstance(value, list) else [value])
    ]
    for _ in range(draw(st.sampled_from((0, 1, 1, 2)))):
        name = draw(
            st.one_of(st.sampled_from(known.fields), st.sampled_from([one for one, _ in pairs] or ["x"]), texts())
        )
        value = draw(st.one_of(texts(), st.sampled_from(known.all_values())))
        pairs = [pair for pair in pairs if pair[0] != name] + [(name, value)]
    kind = draw(st.sampled_from(("form", "form", "form", "multipart", "multipart", "other")))
    if kind == "multipart":
        content_type, body = "multipart/form-data; boundary=limit", draw(_parts(pairs))
    else:
        content_type = "application/x-www-form-urlencoded"
        body = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in pairs).encode()
    if kind == "other":
        content_type = draw(st.sampled_from(CONTENT_TYPES))
        body = draw(st.sampled_from((body, b"", b"\0", b"{", b"\xff" * 50, b"a=1&" * 1100, b"a" * 3_000_000)))
    if draw(_rarely()):
        content_type += f"; charset={draw(st.sampled_from(CHARSETS))}"
    return raw(content_type).decode("latin-1") if draw(st.booleans()) else content_type, body


@st.composite
def _parts(draw: st.DrawFn, pairs: list[tuple[str, str]]) -> bytes:
    body = b""
    for name, value in pairs:
        strange = draw(_rarely())
        header = draw(st.sampled_from(PART_HEADERS)) if strange else PART_HEADERS[0]
        body += b"--limit\r\nContent-Disposition: " + raw(header.replace("{name}", name)) + b"\r\n"
        if strange and draw(st.booleans()):
            encoding = draw(st.sampled_from(TRANSFER_ENCODINGS))
            body += b"Content-Transfer-Encoding: " + raw(encoding) + b"\r\n"
        body += b"\r\n" + raw(value) + b"\r\n"
    return body + draw(st.sampled_from((b"--limit--\r\n", b"--limit--\r\n", b"--limit", b"")))
