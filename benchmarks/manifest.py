"""A manifest of 200 MB: seconds and peak memory of the sync, compared with its parts; dropping it; searching it."""

import multiprocessing
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import requests
from django.db import connection

from benchmarks.battlenet import battlenet
from benchmarks.report import progress, seconds, show

MEGABYTES, QUICK_MEGABYTES = 200, 20
SEARCHES = 200
LANGUAGES = ("en", "fr")
COLUMNS = 'edition_id, language, "table", key, hash, name, words, definition'


@dataclass(frozen=True, slots=True)
class Run:
    """The cost of one process: wall and processor time in seconds, and its peak memory in bytes."""

    wall: float
    processor: float
    memory: int


def main(*, quick: bool = False) -> None:
    """Print the sync beside its parts, then what readers get."""
    with battlenet(latency_ms=0) as server, tempfile.TemporaryDirectory() as folder:
        megabytes = QUICK_MEGABYTES if quick else MEGABYTES
        progress(f"making a manifest of {megabytes} MB")
        answer = requests.post(f"{server.url}/_sandbox/bungie/content/huge", json={"megabytes": megabytes}, timeout=300)
        answer.raise_for_status()
        database = Path(answer.json()["file"]).with_suffix(".sqlite")
        os.environ.update(
            BUNGIE_URL=server.url,
            BUNGIE_CLIENT_ID="40001",
            BUNGIE_CLIENT_SECRET="sandbox-secret",
            BUNGIE_API_KEY="sandbox-api-key",
            MANIFEST_LANGUAGES="en",
        )
        runs = {"sync_manifest": in_process(_sync), "the process alone": in_process(_nothing)}
        rows = Path(folder, "rows")
        _dump(rows)
        runs["sqlite3 reads the file"] = in_process(_read, str(database))
        runs["COPY alone"] = in_process(_copy, str(rows))
        _show_runs(runs, megabytes)
        _show_removals()
        os.environ["MANIFEST_LANGUAGES"] = ",".join(LANGUAGES)
        both = in_process(_sync)
        _show_runs({f"sync_manifest, {len(LANGUAGES)} languages": both}, megabytes * len(LANGUAGES))
    _show_searches()


def _show_runs(runs: dict[str, Run], megabytes: int) -> None:
    total = next(iter(runs.values()))
    show(
        f"A manifest of {megabytes} MB, from the request to the new edition",
        ("", "seconds", "processor time", "peak memory", "sync / this"),
        [
            (
                name,
                seconds(one.wall),
                seconds(one.processor),
                f"{one.memory / 2**20:.0f} MB",
                f"{total.wall / one.wall:.1f}",
            )
            for name, one in runs.items()
        ],
        ("Each in a process of its own. COPY alone writes the same rows into a table without indexes.",),
    )


def _show_removals() -> None:
    """Compare how two tables with all definitions are removed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM destiny_manifest")
        (count,) = cursor.fetchone()
        cursor.execute("SELECT tableoid::regclass::text FROM destiny_manifest LIMIT 1")
        (partition,) = cursor.fetchone()
        cursor.execute("CREATE TABLE benchmark_deleted (LIKE destiny_manifest INCLUDING ALL)")
        cursor.execute(f"INSERT INTO benchmark_deleted SELECT * FROM {partition}")
        cursor.execute("CREATE TABLE benchmark_dropped (LIKE destiny_manifest INCLUDING ALL)")
        cursor.execute(f"INSERT INTO benchmark_dropped SELECT * FROM {partition}")
        took = {}
        statements = ("DELETE FROM benchmark_deleted", "VACUUM benchmark_deleted", "DROP TABLE benchmark_dropped")
        for statement in statements:
            began = time.perf_counter()
            cursor.execute(statement)
            took[statement.split()[0]] = time.perf_counter() - began
        cursor.execute("DROP TABLE benchmark_deleted")
    show(
        f"Removing an edition of {count:,} definitions",
        ("", "seconds"),
        [(name, seconds(one)) for name, one in took.items()],
    )


def _show_searches() -> None:
    from destiny.manifest.models import Definition
    from destiny.manifest.readers import open_manifest
    from destiny.manifest.search import search

    rng, rows = random.Random(13), []
    for language in LANGUAGES:
        manifest = open_manifest(language)
        assert manifest is not None
        known = Definition.objects.filter(edition=manifest.edition, language=manifest.language)
        names = sorted(set(known.exclude(name="").values_list("name", flat=True)))
        texts = [rng.choice(names)[: rng.randint(1, 12)] for _ in range(SEARCHES)]
        searches = [_timed(partial(search, manifest, text)) for text in texts]
        every = known.order_by("table", "key").values_list("hash", flat=True)[:50_000:50]
        hashes = [found for found in every if found is not None]
        rows.append(
            (
                f"{manifest.language}: {known.count():,} definitions, {len(names):,} names",
                seconds(statistics.median(searches)),
                seconds(statistics.quantiles(searches, n=20)[-1]),
                seconds(max(searches)),
                len(hashes),
                seconds(_timed(partial(manifest.items, hashes))),
                seconds(_timed(partial(manifest.items, hashes))),
            )
        )
    show(
        f"{SEARCHES} searches by the first 1 to 12 letters of a name, and many items by hash",
        ("", "search, median", "p95", "longest", "items", "by hash", "again, from memory"),
        rows,
        ("The French file has the English names: Bungie's own are not here.",),
    )


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_process(work: Callable[..., None], *arguments: str) -> Run:
    """Run the function in a new process with Django."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_measure, args=(theirs, work, *arguments))
    process.start()
    theirs.close()
    run: Run = ours.recv()
    process.join()
    return run


def _measure(pipe: Connection, work: Callable[..., None], *arguments: str) -> None:
    import django

    django.setup()
    began, used = time.perf_counter(), time.process_time()
    work(*arguments)
    pipe.send(Run(time.perf_counter() - began, time.process_time() - used, _largest_memory()))


def _largest_memory() -> int:
    """Return this process's largest memory in bytes; what getrusage tells begins with that of its parent."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _nothing() -> None:
    pass


def _sync() -> None:
    from django.core.management import call_command

    call_command("sync_manifest")


def _read(path: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for _ in database.execute(f"SELECT * FROM {table}"):
                pass


def _dump(path: Path) -> None:
    """Write the rows as COPY takes them."""
    copy = f"COPY (SELECT {COLUMNS} FROM destiny_manifest) TO STDOUT"
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(copy) as source:
        for piece in source:
            file.write(piece)


def _copy(path: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE benchmark_copied (LIKE destiny_manifest)")
        copy = f"COPY benchmark_copied ({COLUMNS}) FROM STDIN"
        with Path(path).open("rb") as file, cursor.copy(copy) as target:
            while piece := file.read(2**16):
                target.write(piece)
        cursor.execute("DROP TABLE benchmark_copied")
