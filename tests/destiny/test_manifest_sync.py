"""Editions of the manifest: fetched when they are new, checked, and current all at once; what is broken is refused."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import CommandError
from django.db import connection

from destiny.manifest.models import Definition, Edition, ManifestFile
from destiny.manifest.readers import open_manifest
from sync.bungie.content_file import ContentError, unpack
from sync.models import BungieJob
from tests.battlenet import Sandbox
from tests.destiny.content_files import GLASS_MOTH, ITEMS, THORN_CROWN, VESPER, named, tables
from tests.destiny.editions import load_edition

GLIMMER = 3159615086
Sync = Callable[[], str]
State = Edition.State


@pytest.fixture
def loaded(bungie: Sandbox) -> Edition:
    """A small edition, which pages read. Bungie has another one."""
    return load_edition()


def test_every_definition_is_what_sqlite_has(bungie: Sandbox, sync_manifest: Sync, tmp_path: Path) -> None:
    assert "is current now" in sync_manifest()
    edition = Edition.objects.get(state=State.CURRENT)
    archive = tmp_path / "archive"
    archive.write_bytes(requests.get(bungie.url + edition.paths["en"], timeout=30).content)
    with archive.open("rb") as file:
        unpack(file, tmp_path / "content")
    theirs: dict[tuple[str, str], Any] = {}
    with closing(sqlite3.connect(tmp_path / "content")) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for key, text in database.execute(f"SELECT * FROM {table}"):
                theirs[table, key if isinstance(key, str) else str(key % 2**32)] = json.loads(text)
    rows = Definition.objects.filter(edition=edition, language="en")
    assert {(table, key): value for table, key, value in rows.values_list("table", "key", "definition")} == theirs
    assert len(theirs) > 4_000
    hashes = rows.exclude(hash=None).values_list("table", "hash")
    assert all(theirs[table, str(found)]["hash"] == found for table, found in hashes)


def test_it_is_fetched_once_and_again_when_a_path_is_new(bungie: Sandbox, sync_manifest: Sync) -> None:
    sync_manifest()
    first = Edition.objects.get(state=State.CURRENT)
    bungie.bungie("stats/reset")
    assert "was current already" in sync_manifest()
    assert content_requests(bungie) == 0
    bungie.bungie("content/edition", same_version=True)
    assert "is current now" in sync_manifest()
    assert content_requests(bungie) == 1
    current = Edition.objects.get(state=State.CURRENT)
    assert (current.version, current.pk > first.pk) == (first.version, True)
    manifest = open_manifest("en")
    assert manifest is not None
    assert (manifest.definition(ITEMS, GLIMMER) or {})["displayProperties"]["description"] == "Revision 1"


def test_the_two_latest_editions_are_kept(bungie: Sandbox) -> None:
    editions = [load_edition() for _ in range(4)]
    kept = [one.pk for one in editions[2:]]
    assert list(Edition.objects.order_by("pk").values_list("pk", "state")) == [
        (kept[0], State.PREVIOUS),
        (kept[1], State.CURRENT),
    ]
    assert sorted(Definition.objects.values_list("edition", flat=True).distinct()) == kept
    assert partitions() == {f"destiny_manifest_{pk}" for pk in kept}


def test_an_edition_is_read_throughout_while_another_becomes_current(loaded: Edition) -> None:
    page = open_manifest("en")
    load_edition({"en": tables("en", edition="II")})
    assert page is not None
    assert page.names(ITEMS, [VESPER, THORN_CROWN]) == {VESPER: "Vesper's Oath", THORN_CROWN: "Thorn Crown"}
    later = open_manifest("en")
    assert later is not None
    assert later.names(ITEMS, [VESPER]) == {VESPER: "Vesper's Oath II"}
    assert page.names(ITEMS, [GLASS_MOTH, VESPER]) == {GLASS_MOTH: "Glass Moth", VESPER: "Vesper's Oath"}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("truncated", "not a complete ZIP"),
        ("missing_table", "tables are missing: DestinyInventoryItemDefinition"),
        ("not_found", "HTTP 404"),
    ],
)
def test_broken_files_are_refused_and_the_old_edition_stays(
    bungie: Sandbox, loaded: Edition, sync_manifest: Sync, fault: str, reason: str
) -> None:
    before = Definition.objects.count()
    bungie.bungie("content/fault", fault=fault)
    with pytest.raises(CommandError, match=reason) as raised:
        sync_manifest()
    assert "\n" not in str(raised.value)
    assert Edition.objects.get(state=State.CURRENT) == loaded
    assert Definition.objects.count() == before
    job = BungieJob.objects.get(kind=BungieJob.Kind.MANIFEST)
    assert (job.state, job.tries) == (BungieJob.State.DUE, 1)
    bungie.bungie("content/fault")
    assert "is current now" in sync_manifest()
    assert not Edition.objects.exclude(problem="").exists()


def test_a_refused_edition_says_why_and_is_fetched_past_the_cache(
    bungie: Sandbox, loaded: Edition, sync_manifest: Sync
) -> None:
    bungie.bungie("content/fault", fault="missing_table", table="DestinyStatDefinition")
    with pytest.raises(CommandError):
        sync_manifest()
    refused = Edition.objects.get(state=State.REFUSED)
    assert refused.problem == "tables are missing: DestinyStatDefinition"
    bungie.bungie("stats/reset")
    bungie.bungie("content/fault", fault="garbled", times=1)
    assert "is current now" in sync_manifest()
    refused.refresh_from_db()
    assert (refused.state, refused.problem) == (State.CURRENT, "")
    assert content_requests(bungie) == 2


def test_definitions_that_do_not_fit_together_are_refused(loaded: Edition) -> None:
    content = tables()
    content[ITEMS] = {number: named(f"Item {number}", inventory={"bucketTypeHash": number}) for number in range(1, 50)}
    with pytest.raises(ContentError, match="of 49 items, 49 are in buckets that don't exist"):
        load_edition({"en": content})
    assert Edition.objects.get(state=State.CURRENT) == loaded


def test_an_index_without_a_language_is_refused(
    bungie: Sandbox, loaded: Edition, sync_manifest: Sync, settings: Any
) -> None:
    settings.MANIFEST_LANGUAGES = ("en", "tlh")
    with pytest.raises(CommandError, match="no content file in the language tlh"):
        sync_manifest()
    assert Edition.objects.get(state=State.CURRENT) == loaded


def test_maintenance_changes_nothing(bungie: Sandbox, loaded: Edition, sync_manifest: Sync) -> None:
    bungie.bungie("maintenance", form="html")
    with pytest.raises(CommandError):
        sync_manifest()
    assert Edition.objects.get() == loaded


def test_without_bungie_the_command_says_what_is_missing(bungie: Sandbox, sync_manifest: Sync, settings: Any) -> None:
    settings.DESTINY_ENABLED = False
    with pytest.raises(CommandError, match="Destiny 2 is off: set BUNGIE_CLIENT_ID"):
        sync_manifest()


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def files(settings: Any, bungie: Sandbox) -> Path:
    """The folder of the content files, the only store."""
    settings.MANIFEST_IN_FILES, settings.MANIFEST_IN_POSTGRESQL = True, False
    settings.MANIFEST_LANGUAGES = ("en", "fr")
    return Path(settings.STORAGES["manifest"]["OPTIONS"]["location"])


def test_the_files_are_stored_and_read_back(sync_manifest: Sync, files: Path) -> None:
    sync_manifest()
    for one in ManifestFile.objects.all():
        assert one.verified_at is not None
        content = (files / one.name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (one.size, one.sha256)
        with closing(sqlite3.connect(files / one.name)) as database:
            ((count,),) = database.execute(f"SELECT count(*) FROM {ITEMS}")
        assert count > 2_900
    assert list(ManifestFile.objects.values_list("language", flat=True)) == ["en", "fr"]


def test_the_files_of_the_two_latest_editions_are_kept(bungie: Sandbox, sync_manifest: Sync, files: Path) -> None:
    for _ in range(3):
        sync_manifest()
        bungie.bungie("content/edition", same_version=True)
    stored = {str(path.relative_to(files)) for path in files.rglob("*") if path.is_file()}
    assert stored == set(ManifestFile.objects.values_list("name", flat=True))
    assert len(stored) == 4


def test_pages_do_not_wait_for_a_store_that_is_away(
    bungie: Sandbox, loaded: Edition, sync_manifest: Sync, files: Path, settings: Any
) -> None:
    settings.MANIFEST_IN_POSTGRESQL, settings.MANIFEST_LANGUAGES = True, ("en",)
    files.write_text("a file where the folder should be")
    with pytest.raises(CommandError, match="storage at content files"):
        sync_manifest()
    current = Edition.objects.get(state=State.CURRENT)
    assert current != loaded
    assert BungieJob.objects.get(kind="manifest").error_kind == "storage"
    files.unlink()
    assert "was current already" in sync_manifest()
    assert current.files.count() == 1


def content_requests(bungie: Sandbox) -> int:
    return int(sum(bungie.bungie_stats()["content"].values()))


def partitions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname ~ '^destiny_manifest_[0-9]+$'")
        return {name for (name,) in cursor.fetchall()}
