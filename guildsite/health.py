"""Whether the site is up, and whether it can work."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from sync.engine.circuit_breaker import Pause
from sync.engine.providers import providers
from sync.engine.vigil import deaths, signs


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database and Redis answer and workers and scheduler live, otherwise 503; the body names which.

    Whether the living count is a setting; what is dead is named in any case. So are the kinds of request that pause
    because Battle.net refuses them: the site can do nothing about that, so they make it no less ready.
    """
    answers = {"database": _database_answers(), "redis": _redis_answers()}
    dead = [str(one) for one in deaths(signs())] if answers["database"] else []
    alive = {"workers": answers["database"] and not dead}
    needed = answers | alive if settings.READYZ_NEEDS_WORKERS else answers
    paused = list(_paused()) if answers["redis"] else []
    return JsonResponse(answers | alive | {"dead": dead, "paused": paused}, status=200 if all(needed.values()) else 503)


def _paused() -> Iterator[dict[str, Any]]:
    for provider in providers():
        with suppress(RedisError):
            yield from (_pause(provider.name, one) for one in provider.circuit_breaker().pauses())


def _pause(provider: str, pause: Pause) -> dict[str, Any]:
    return {
        "provider": provider,
        "endpoint": pause.endpoint or "application token",
        "region": pause.region,
        "since": pause.since.isoformat(timespec="seconds"),
        "until": pause.until.isoformat(timespec="seconds"),
        "statuses": pause.statuses,
    }


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    try:
        cache.get("readyz")
    except RedisError:
        return False
    return True
