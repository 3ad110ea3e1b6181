"""Drill: Redis runs and answers, but with an error: it is full, read-only, or can't write its data to disk."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import redis

from embedded import ports
from tests.drills.conftest import Install
from tests.drills.servers import DrillServers
from tests.stack import wait_until

Fault = Callable[[redis.Redis, Path], AbstractContextManager[None]]


@contextmanager
def out_of_memory(store: redis.Redis, folder: Path) -> Iterator[None]:
    store.config_set("maxmemory", 1)
    yield
    store.config_set("maxmemory", 0)


@contextmanager
def read_only(store: redis.Redis, folder: Path) -> Iterator[None]:
    """Redis is the replica of a machine that is gone."""
    store.replicaof("127.0.0.1", ports.choose())
    yield
    store.replicaof("NO", "ONE")


@contextmanager
def failed_save(store: redis.Redis, folder: Path) -> Iterator[None]:
    """Redis takes no writes after a snapshot that failed."""
    gone = folder / "gone"
    gone.mkdir()
    before = str(store.config_get("dir")["dir"])
    store.config_set("dir", str(gone))
    shutil.rmtree(gone)
    store.config_set("save", "3600 1")
    with suppress(redis.ResponseError):
        store.bgsave()
    wait_until(lambda: store.info("persistence")["rdb_last_bgsave_status"] == "err")
    yield
    store.config_set("save", "")
    store.config_set("dir", before)


FAULTS = ((150, out_of_memory, "OOM"), (400, read_only, "READONLY"), (650, failed_save, "MISCONF"))


def test_workers_wait_while_redis_answers_with_errors(
    install: Install, drill_servers: DrillServers, tmp_path: Path
) -> None:
    site = install()
    site.start_web()
    with redis.Redis.from_url(drill_servers.redis_url) as store:
        for moment, fault, error in FAULTS:
            site.wait_until(lambda moment=moment: site.requests >= moment and site.readyz()[0] == 200)  # type: ignore[misc]
            with fault(store, tmp_path):
                site.ask_for_roster()
                wait_until(lambda error=error: f"redis: {error}" in site.readyz()[1].get("problems", ()))  # type: ignore[misc]
                # Every process has met the error: nothing has come through for longer than anything takes.
                wait_until(lambda: site.readyz()[1]["dispatch_age"] > 6)
                assert site.readyz()[0] == 503
                site.assert_alive()
    site.wait_until(site.is_done)
    site.wait_until(lambda: site.readyz()[0] == 200)
    site.assert_matches_battlenet()
    site.assert_within_limits()
