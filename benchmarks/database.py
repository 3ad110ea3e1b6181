"""A separate database for the run, and a Redis that nothing else uses."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import django
import psycopg
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

# Game data is fetched once for all benchmarks, schedules are created by a migration.
KEPT = ("characters_realm", "characters_playable", "characters_specialization", "django_")


def require_empty_redis() -> None:
    """Refuse a Redis that is not empty, because benchmarks flush it."""
    server = redis.Redis.from_url(os.environ["REDIS_URL"])
    if server.dbsize():
        raise SystemExit("benchmarks: REDIS_URL names a database in use; give them an empty one of their own.")
    server.close()


@contextmanager
def own_database() -> Iterator[None]:
    """Set up Django on a new database of the server in DATABASE_URL, and drop it at the end."""
    given = os.environ["DATABASE_URL"]
    name = f"guildsite_benchmark_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            os.environ["DATABASE_URL"] = urlsplit(given)._replace(path=f"/{name}").geturl()
            django.setup()
            call_command("migrate", verbosity=0)
            yield
            connections.close_all()
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            clear_redis()


def clean() -> None:
    """Empty the tables and Redis. Game data is kept and up to date.

    Only the dispatcher stays scheduled, so that no other schedule disturbs a measurement.
    """
    from django_celery_beat.models import PeriodicTask

    from sync.models import BlizzardJob

    PeriodicTask.objects.exclude(name="Dispatch").update(enabled=False)
    emptied = [table for table in connection.introspection.table_names() if not table.startswith(KEPT)]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, emptied))} CASCADE")
    BlizzardJob.objects.bulk_create(
        [
            BlizzardJob(kind=BlizzardJob.Kind.GAME_DATA, region=region, state=BlizzardJob.State.RESTING)
            for region in settings.BLIZZARD_REGIONS
        ]
    )
    clear_redis()


def analyze() -> None:
    """Do what autovacuum would do: remove dead rows and update statistics."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def clear_redis() -> None:
    """Clear queues, caches and the rate limiter's list."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    server.flushdb()
    server.close()


def clear_queues() -> None:
    """Clear only the queues."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    server.delete(*[queue.name for queue in settings.CELERY_TASK_QUEUES])
    server.close()
