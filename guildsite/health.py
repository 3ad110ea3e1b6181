"""Health checks: whether the process is up, and whether the site can do all of its work."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from sync.engine.liveness import Liveness, read_liveness
from sync.engine.providers import providers
from sync.engine.servers import database_problem, redis_problem


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 if database and Redis take writes and workers and scheduler work, otherwise 503; the body says what is wrong.

    Whether workers count is a setting; what is missing is named in any case. A lost worker is only named if others
    serve its queues. Paused requests are named, too: the site
    can do nothing about them, so they do not make it less ready.
    """
    problems = {"database": database_problem(), "redis": redis_problem()}
    answers = {server: not problem for server, problem in problems.items()}
    liveness = _read_liveness()
    works = {"workers": liveness is not None and not liveness.missing}
    needed = answers | works if settings.READYZ_NEEDS_WORKERS else answers
    told = {"problems": [f"{server}: {problem}" for server, problem in problems.items() if problem]}
    paused = {"paused": list(_paused()) if answers["redis"] else []}
    return JsonResponse(
        answers | works | told | _as_json(liveness) | paused, status=200 if all(needed.values()) else 503
    )


def _read_liveness() -> Liveness | None:
    try:
        return read_liveness()
    except DatabaseError:
        return None


def _as_json(liveness: Liveness | None) -> dict[str, Any]:
    if liveness is None:
        return {"missing": [], "lost": []}
    return {
        "missing": [str(one) for one in liveness.missing],
        "lost": [str(one) for one in liveness.lost],
        "dispatch_age": _seconds(liveness.dispatch),
        "oldest_due": {queue: _seconds(age) for queue, age in liveness.oldest_due.items()},
    }


def _seconds(age: timedelta | None) -> float | None:
    return None if age is None else round(age.total_seconds(), 1)


def _paused() -> Iterator[dict[str, Any]]:
    for provider in providers():
        with suppress(RedisError):
            for pause in provider.circuit_breaker().pauses():
                yield {
                    "provider": provider.name,
                    "endpoint": pause.endpoint or "application token",
                    "region": pause.region,
                    "cause": pause.cause,
                    "since": pause.since.isoformat(timespec="seconds"),
                    "until": pause.until.isoformat(timespec="seconds"),
                    "statuses": pause.statuses,
                }
