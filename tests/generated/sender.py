"""Send requests to the site, and find what is wrong with its responses and its log."""

import io
import logging
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.signals import got_request_exception, request_finished, request_started
from django.db import close_old_connections, transaction

from guildsite.bad_requests import Handler
from tests.generated.strategies import Request

LONGEST_ANSWER = 2.0
LONGEST_LINE = 1000
CHECKOUT = str(Path(__file__).resolve().parents[2])
HEADERS = (
    *("Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options"),
    *("Cross-Origin-Opener-Policy", "Cache-Control"),
)


@dataclass
class Answer:
    """The response to a request."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    error: BaseException | None = None


@dataclass
class Sender:
    """Sends requests, rolls each back, and collects the first request for each kind of problem."""

    log: io.StringIO
    site: Handler = field(default_factory=Handler)
    sent: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    slowest: float = 0.0
    longest_line: int = 0
    found: dict[str, Request] = field(default_factory=dict)

    def send(self, request: Request) -> None:
        """Send one request, and record what is wrong with its response."""
        seconds, status, problems = self._try(request)
        # Another program might have used the processor: a slow request is slow each time.
        for _ in range(2):
            if seconds > LONGEST_ANSWER:
                seconds = min(seconds, self._try(request)[0])
        if seconds > LONGEST_ANSWER:
            problems.append(f"{request.route}: slower than {LONGEST_ANSWER} s")
        self.sent += 1
        self.slowest = max(self.slowest, seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        for problem in problems:
            self.found.setdefault(problem, request)

    def _try(self, request: Request) -> tuple[float, int, list[str]]:
        self.log.seek(0)
        self.log.truncate()
        began = time.monotonic()
        try:
            with transaction.atomic(), warnings.catch_warnings():
                # Errors in the other tests; in production a warning is no answer.
                warnings.simplefilter("ignore")
                answer = self._ask(environ(request))
                transaction.set_rollback(True)
        except Exception as error:
            return time.monotonic() - began, 0, [f"no answer: {_place(error)}"]
        seconds = time.monotonic() - began
        return seconds, answer.status, [*_problems(request, answer), *self._problems_of_log(answer.status)]

    def _ask(self, environment: dict[str, Any]) -> Answer:
        """Return the response that a WSGI server would get."""
        answer = Answer()

        def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
            answer.status, answer.headers = int(status.split()[0]), dict(headers)

        def note(**kwargs: Any) -> None:
            answer.error = sys.exc_info()[1]

        got_request_exception.connect(note)
        try:
            body = self.site(environment, start)
            sum(map(len, body))
            body.close()
        finally:
            got_request_exception.disconnect(note)
        return answer

    def _problems_of_log(self, status: int) -> Iterator[str]:
        text = self.log.getvalue()
        # The security log writes JSON.
        lines = [line for line in text.splitlines() if not line.startswith("{")]
        longest = max((len(line.encode()) for line in text.split("\n")), default=0)
        self.longest_line = max(self.longest_line, longest)
        if longest > LONGEST_LINE:
            yield f"log: a line above 1 kB for {status}"
        if status >= 400 and len(lines) != 1:
            yield f"log: {status} without a line" if not lines else f"log: {status} with more than one line"


def environ(request: Request) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    body: dict[str, Any] = {"wsgi.input": io.BytesIO()}
    if request.body or request.content_type:
        body = {
            "CONTENT_TYPE": request.content_type,
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.input": io.BytesIO(request.body),
        }
    return {
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SCRIPT_NAME": "",
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        **headers,
        **body,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "HTTP_COOKIE": request.cookies,
        "REMOTE_ADDR": "127.0.0.1",
    }


@contextmanager
def open_connection() -> Iterator[None]:
    """Keep the tests' database connection open between requests, as Django's test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@contextmanager
def written_log() -> Iterator[io.StringIO]:
    """Yield what the site's own log handlers write, in their format."""
    handlers = [*logging.getLogger().handlers, *logging.getLogger("guildsite.security").handlers]
    ours = [one for one in handlers if one.name in ("stderr", "json_lines")]
    log = io.StringIO()
    before = [one.setStream(log) for one in ours if isinstance(one, logging.StreamHandler)]
    # The admin's page of a periodic task lets Celery set up Django again, with new handlers.
    with redirect_stderr(log):
        yield log
    for one, stream in zip(ours, before, strict=True):
        if isinstance(one, logging.StreamHandler) and stream is not None:
            one.setStream(stream)


def _problems(request: Request, answer: Answer) -> Iterator[str]:
    status = answer.status
    if status >= 500 and not (request.route == "readyz" and status == 503):
        yield f"{status}: {_place(answer.error) if answer.error else request.route}"
    if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
        missing = [name for name in HEADERS if name not in answer.headers]
        if missing:
            yield f"{status} without {', '.join(missing)}"


def _place(error: BaseException) -> str:
    """Return the error, and the last place in the site's own code that it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [one for one in frames if one.filename.startswith(CHECKOUT) and "/tests/" not in one.filename]
    ours = [one for one in ours if ".venv" not in one.filename] or frames[-1:]
    where = f"{Path(ours[-1].filename).name}:{ours[-1].name}" if ours else "?"
    last = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "?"
    return f"{type(error).__name__}: {str(error)[:70]!r} in {where}, {last}"
