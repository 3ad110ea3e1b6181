"""The index of Bungie's manifest: where the content file of each language is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.engine.errors import PayloadError

# Bungie's site answers an address that doesn't exist with a page, so nothing else is asked for.
_PATH = re.compile(r"/common/destiny2_content/[\w./-]+\.content", re.ASCII)
LONGEST_PATH = 300
LONGEST_VERSION = 100


@dataclass(frozen=True, slots=True)
class ManifestIndex:
    """The version, and the path of the content file by language."""

    version: str
    paths: Mapping[str, str]


def parse_index(response: Any, languages: Sequence[str]) -> ManifestIndex:
    """Return the version and the paths of these languages. Raises PayloadError, which names what is missing."""
    version, paths = response.get("version"), response.get("mobileWorldContentPaths")
    if not isinstance(version, str) or not 0 < len(version) <= LONGEST_VERSION:
        raise PayloadError("version is not a short text")
    if not isinstance(paths, Mapping):
        raise PayloadError("mobileWorldContentPaths is not an object")
    for language in languages:
        path = paths.get(language)
        if not isinstance(path, str) or len(path) > LONGEST_PATH or not _PATH.fullmatch(path) or ".." in path:
            raise PayloadError(f"mobileWorldContentPaths has no content file in the language {language}")
    return ManifestIndex(version, {language: paths[language] for language in languages})
