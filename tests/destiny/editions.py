"""Small editions of the manifest, loaded as the sync loads them but not fetched."""

from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from destiny.manifest.models import Edition
from sync.bungie.content_file import open_database
from sync.bungie.manifest import ManifestIndex
from sync.destiny.manifest import definition_store
from sync.destiny.manifest.editions import edition_of, make_current, remove_old
from sync.destiny.manifest.kind import manifest_job, manifest_jobs
from sync.engine.transitions import attempt
from tests.destiny.content_files import Tables, database_of, tables

_numbers = count(1)


def load_edition(
    content: Mapping[str, Tables] | None = None, *, before_switch: Callable[[], object] = lambda: None
) -> Edition:
    """Load an edition with these tables by language, and let pages read it. By default it has three items.

    `before_switch` is called when all of it is in the table, and the edition before is still current.
    """
    wanted = content or {"en": tables("en"), "fr": tables("fr")}
    number = next(_numbers)
    paths = {language: f"/common/destiny2_content/{language}-{number}.content" for language in wanted}
    manifest_job()
    with attempt(manifest_jobs()) as claim, TemporaryDirectory() as folder:
        edition = edition_of(ManifestIndex(f"1.{number}", paths), claim)
        for language, some in wanted.items():
            with open_database(database_of(Path(folder, language), some)) as database:
                definition_store.load(edition, language, database, claim)
        definition_store.make_readable(edition)
        before_switch()
        make_current(edition, claim)
        remove_old(claim)
    return edition
