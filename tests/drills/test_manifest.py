"""The manifest is switched while pages are read; its files go to an object store that goes away and comes back."""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import CommandError
from django.db import connections
from django.test import Client

from accounts.models import User
from destiny.manifest.models import Definition, Edition, ManifestFile
from tests.battlenet import Sandbox
from tests.destiny.content_files import BUCKETS, ITEMS, KINETIC, THORN_CROWN, VESPER, Tables, named, tables
from tests.destiny.editions import load_edition

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
READERS, EDITIONS, MOST_SECONDS = 4, 6, 60
BUCKET = "manifest"
PORTS = (
    "s3.port",
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
)


# --- switched while pages are read ------------------------------------------------------------------------------------


def numbered(edition: int) -> Tables:
    """Return a manifest in which the name of everything on the item's page says the edition."""
    content = tables("en", edition=f"#{edition}")
    content[BUCKETS][KINETIC] = named(f"Kinetic #{edition}")
    content[ITEMS][VESPER]["sockets"] = {"socketEntries": [{"singleInitialItemHash": THORN_CROWN}] * 2}
    return content


def test_no_page_fails_or_mixes_editions_while_they_are_switched(people: Callable[[str], User], settings: Any) -> None:
    settings.DESTINY_ENABLED = True
    ada = people("Ada")
    load_edition({"en": numbered(0)})
    seen: list[tuple[int, frozenset[str]]] = []
    is_over = threading.Event()

    def read() -> None:
        browser = Client(raise_request_exception=False)
        browser.force_login(ada, BACKEND)
        while not is_over.is_set():
            for page in (f"/destiny/manifest/{ITEMS}/{VESPER}/", "/destiny/manifest/?q=thorn"):
                answer = browser.get(page)
                seen.append((answer.status_code, frozenset(re.findall(r"#\d+(?=<)", answer.content.decode()))))
        connections.close_all()

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for one in readers:
        one.start()
    for edition in range(1, EDITIONS):
        wait_for_pages(seen, 2 * READERS)
        load_edition({"en": numbered(edition)}, before_switch=lambda: wait_for_pages(seen, 2 * READERS))
    wait_for_pages(seen, 2 * READERS)
    is_over.set()
    for one in readers:
        one.join(MOST_SECONDS)
    assert {status for status, _ in seen} == {200}
    assert {len(editions) for _, editions in seen} == {1}
    assert frozenset().union(*(editions for _, editions in seen)) == {f"#{number}" for number in range(EDITIONS)}
    assert Edition.objects.count() == 2


def wait_for_pages(seen: list[Any], count: int) -> None:
    """Wait until so many more pages were read."""
    wanted, give_up = len(seen) + count, time.monotonic() + MOST_SECONDS
    while len(seen) < wanted:
        assert time.monotonic() < give_up, "no pages are answered"
        time.sleep(0.01)


# --- an object store that goes away -----------------------------------------------------------------------------------


@dataclass
class ObjectStore:
    """An S3 server on this machine."""

    folder: Path
    # The same after each start: the servers remember each other by them.
    ports: list[int] = field(default_factory=lambda: free_ports(len(PORTS)))
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def options(self) -> dict[str, str]:
        return {
            "bucket_name": BUCKET,
            "access_key": "drill",
            "secret_key": "a secret that nobody must see",
            "endpoint_url": f"http://127.0.0.1:{self.ports[0]}",
            "region_name": "us-east-1",
        }

    def client(self) -> Any:
        given = self.options
        return boto3.client(
            "s3",
            endpoint_url=given["endpoint_url"],
            aws_access_key_id=given["access_key"],
            aws_secret_access_key=given["secret_key"],
            region_name=given["region_name"],
        )

    def start(self) -> None:
        identity = {
            "name": "drill",
            "credentials": [{"accessKey": self.options["access_key"], "secretKey": self.options["secret_key"]}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        config = self.folder / "identities.json"
        config.write_text(json.dumps({"identities": [identity]}))
        program = Path(sys.executable).parent / "weed"
        command = [str(program), "server", f"-dir={self.folder}", "-ip=127.0.0.1", "-s3"]
        command += [f"-{name}={port}" for name, port in zip(PORTS, self.ports, strict=True)]
        command += [f"-s3.config={config}", "-master.telemetry=false", "-volume.max=8", "-master.volumeSizeLimitMB=64"]
        with (self.folder / "log").open("ab") as log:
            # It would take its options from our variables, such as DEBUG.
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, env={"HOME": str(self.folder)}
            )
        self._wait(lambda: self.client().list_buckets())

    def stop(self) -> None:
        """End it at once. Told to end, it would take up to 20 s."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    def _wait(self, works: Callable[[], object]) -> None:
        give_up = time.monotonic() + MOST_SECONDS
        while True:
            with suppress(Exception):
                works()
                return
            assert time.monotonic() < give_up, "the object store did not start"
            time.sleep(0.2)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def object_store(folder: Path) -> Iterator[ObjectStore]:
    store = ObjectStore(folder)
    try:
        store.start()
        store.client().create_bucket(Bucket=BUCKET)
        yield store
    finally:
        store.stop()


def test_an_object_store_that_is_away_gets_the_files_later(
    bungie: Sandbox, sync_manifest: Callable[[], str], settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with object_store(tmp_path) as store:
        ours = {"BACKEND": "destiny.manifest.object_store.ObjectStore", "OPTIONS": store.options}
        settings.STORAGES = {**settings.STORAGES, "manifest": ours}
        settings.MANIFEST_IN_FILES = True
        sync_manifest()
        (first,) = ManifestFile.objects.all()
        stored = store.client().get_object(Bucket=BUCKET, Key=first.name)
        assert stored["ContentLength"] == first.size > 1_000_000

        store.stop()
        bungie.bungie("content/edition", same_version=True)
        with pytest.raises(CommandError, match="storage at content files") as raised:
            sync_manifest()
        current = Edition.objects.get(state=Edition.State.CURRENT)
        assert current != first.edition
        assert Definition.objects.filter(edition=current).count() > 4_000
        assert store.options["secret_key"] not in f"{raised.value} {caplog.text}"

        store.start()
        assert "was current already" in sync_manifest()
        kept = {one["Key"] for one in store.client().list_objects_v2(Bucket=BUCKET)["Contents"]}
        assert kept == set(ManifestFile.objects.exclude(verified_at=None).values_list("name", flat=True))
        assert len(kept) == 2
