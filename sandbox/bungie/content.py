"""The manifest: its index, and which content files there are."""

import asyncio
import gc
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sandbox.bungie import content_files
from sandbox.bungie.world.belongings import GLIMMER_ITEM
from sandbox.bungie.world.build import build_definitions
from sandbox.bungie.world.definitions import Definitions, Json, hash_of, table_name
from sandbox.bungie.world.text import LANGUAGES, Text

PREFIX = "/common/destiny2_content/"
# Tables that exist and are empty in this world.
EMPTY_TABLES = (
    "Achievement", "Checklist", "Faction", "InventoryItemLite", "Location", "MaterialRequirementSet",
    "Metric",
    "PresentationNode", "Progression", "Record", "SandboxPattern", "SeasonPass", "Unlock",
)  # fmt: skip
FAULTS = ("garbled", "truncated", "html", "not_found", "wrong_database", "missing_table")


@dataclass(frozen=True)
class Edition:
    """The definitions of one version. ``revision`` counts files that were replaced although the version stayed."""

    seed: int
    number: int
    revision: int = 0

    @property
    def version(self) -> str:
        """Return the version as the index tells it."""
        return f"{240_000 + 100 * self.number}.26.06.{self.number + 1:02}.2053-2-bnet.{65_000 + self.number}"

    @cached_property
    def definitions(self) -> Definitions:
        """The definitions; building them takes some 0.3 s."""
        definitions = build_definitions(self.seed, self.number)
        if not self.revision:
            return definitions
        text = Text(f"Revision {self.revision}", f"Révision {self.revision}")
        return definitions.with_description(GLIMMER_ITEM, text)

    def label(self, *parts: object) -> str:
        """Return 32 hexadecimal digits for one file."""
        digits = (f"{hash_of(self.seed, self.number, self.revision, number, *parts):08x}" for number in range(4))
        return "".join(digits)

    @property
    def tables(self) -> list[str]:
        """Return the short names of all tables but that of historical stats."""
        return sorted({*self.definitions.tables, *EMPTY_TABLES})


@dataclass(frozen=True, slots=True)
class ContentFile:
    """A file of an edition: the SQLite file of a language ("sqlite"), one table or all of them as JSON."""

    edition: Edition
    language: str
    kind: str


@dataclass(slots=True)
class ContentFault:
    """A fault of the next ``times`` files (None: all) of a kind ("sqlite", "json", or "" for both)."""

    name: str
    kind: str
    table: str
    times: int | None


@dataclass(slots=True)
class Content:
    """The current edition, and the files of this one and those before, which stay available."""

    seed: int
    folder: Path | None = None
    edition: Edition = field(init=False)
    fault: ContentFault | None = None
    huge: Path | None = None
    _temporary: "tempfile.TemporaryDirectory[str] | None" = None
    _files: dict[str, ContentFile] = field(default_factory=dict)
    _bytes: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.edition = Edition(self.seed, 0)

    async def prepare(self) -> None:
        """Build the definitions in a thread if nobody has: the event loop would stand still for so long."""
        if "definitions" not in vars(self.edition):
            await asyncio.to_thread(lambda: self.edition.definitions)
            gc.freeze()

    def publish(self, *, same_version: bool) -> None:
        """Publish a new edition, or new files of the same version."""
        number, revision = self.edition.number, self.edition.revision
        self.edition = Edition(self.seed, number, revision + 1) if same_version else Edition(self.seed, number + 1)
        self.huge = None

    def reset(self) -> None:
        """Go back to the first edition, without faults."""
        self.fault = self.huge = None
        if self.edition.number or self.edition.revision:
            self.edition = Edition(self.seed, 0)

    def index(self) -> Json:
        """Return the index of the current edition."""
        edition = self.edition
        gear = self._add(f"sqlite/asset/asset_sql_content_{edition.label('asset')}.content", "en", "asset")
        banners = self._add(f"clanbanner/clanbanner_sql_content_{edition.label('banner')}.content", "en", "asset")
        return {
            "version": edition.version,
            "mobileAssetContentPath": gear,
            "mobileGearAssetDataBases": [{"version": number, "path": gear} for number in range(3)],
            "mobileWorldContentPaths": {language: self._sqlite_path(language) for language in LANGUAGES},
            "jsonWorldContentPaths": {language: self._json_path(language, "aggregate") for language in LANGUAGES},
            "jsonWorldComponentContentPaths": {language: self._table_paths(language) for language in LANGUAGES},
            "mobileClanBannerDatabasePath": banners,
            "mobileGearCDN": {
                name: f"/common/destiny2_content/geometry/{name.lower()}"
                for name in ("Geometry", "Texture", "PlateRegion", "Gear", "Shader")
            },
            "iconImagePyramidInfo": [],
        }

    def _sqlite_path(self, language: str) -> str:
        salt = "huge" if self.huge else ""
        return self._add(
            f"sqlite/{language}/world_sql_content_{self.edition.label(language, salt)}.content", language, "sqlite"
        )

    def _json_path(self, language: str, kind: str) -> str:
        # All JSON files of an edition share one id.
        guid = uuid.UUID(self.edition.label("json"))
        return self._add(f"json/{language}/{kind}-{guid}.json", language, kind)

    def _table_paths(self, language: str) -> dict[str, str]:
        tables = [table_name(one) for one in self.edition.tables]
        return {table: self._json_path(language, table) for table in tables}

    def _add(self, path: str, language: str, kind: str) -> str:
        full = PREFIX + path
        self._files.setdefault(full, ContentFile(self.edition, language, kind))
        return full

    def huge_file(self, path: str) -> Path | None:
        """Return the huge file if the path is that of a SQLite file of its edition."""
        file = self._files.get(path)
        is_huge = file is not None and file.kind == "sqlite" and file.edition == self.edition
        return self.huge if is_huge else None

    def publish_huge(self, write: Callable[[Path, int], Path]) -> Path:
        """Publish an edition whose SQLite file ``write`` makes, at a path and from a seed."""
        self.publish(same_version=False)
        folder = self.folder
        if folder is None:
            self._temporary = self._temporary or tempfile.TemporaryDirectory(prefix="sandbox-")
            folder = Path(self._temporary.name)
        folder.mkdir(parents=True, exist_ok=True)
        self.huge = write(folder / f"huge-{self.edition.number}.content", self.seed)
        return self.huge

    def find(self, path: str) -> ContentFile | None:
        """Return the file at a path that some index has named."""
        return self._files.get(path)

    def take_fault(self, file: ContentFile) -> ContentFault | None:
        """Return the fault that this file is to have, and count it."""
        fault, kind = self.fault, "sqlite" if file.kind == "sqlite" else "json"
        if fault is None or fault.times == 0 or fault.kind not in ("", kind):
            return None
        if fault.times is not None:
            fault.times -= 1
        return fault

    def read(self, path: str, file: ContentFile, without: str = "") -> bytes:
        """Return a file's bytes, from memory or the folder if it was built before; ``without`` leaves a table out."""
        name = f"{path.rpartition('/')[2]}{without}"
        key = f"{content_files.fingerprint()}-{file.language}-{name}"
        if key not in self._bytes:
            self._bytes[key] = self._built(key, name, file, without)
        return self._bytes[key]

    def _built(self, key: str, name: str, file: ContentFile, without: str) -> bytes:
        stored = self.folder / key if self.folder else None
        if stored is not None and stored.exists():
            return stored.read_bytes()
        body = content_files.build(
            file.edition.definitions, file.edition.tables, file.language, file.kind, name, without
        )
        if stored is not None:
            stored.parent.mkdir(parents=True, exist_ok=True)
            partial = stored.with_suffix(".part")
            partial.write_bytes(body)
            partial.replace(stored)
        return body
