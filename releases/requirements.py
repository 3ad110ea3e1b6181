"""The locked requirements: packages, versions, hashes, and what needs them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parent.parent
SITE = CHECKOUT / "requirements.txt"
EMBEDDED = CHECKOUT / "requirements-embedded.txt"
LOCKS = (SITE, EMBEDDED, CHECKOUT / "requirements-dev.txt")

# What follows "via": on its line, or one a line below it.
SOURCE = re.compile(r"^    #(?: via|  ) (\S.*)$", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Locked:
    """A package in a file of locked requirements."""

    name: str
    version: str
    hashes: tuple[str, ...]
    # Whether Guildsite itself uses it; and the packages that need it.
    is_direct: bool
    needed_by: tuple[str, ...]


def locked(file: Path) -> Iterator[Locked]:
    """Yield what uv wrote, in its order."""
    for block in re.split(r"^(?=[a-zA-Z0-9])", file.read_text(), flags=re.MULTILINE)[1:]:
        requirement = Requirement(block.split("\\", 1)[0])
        (version,) = (one.version for one in requirement.specifier)
        sources = SOURCE.findall(block)
        yield Locked(
            name=canonicalize_name(requirement.name),
            version=version,
            hashes=tuple(HASH.findall(block)),
            is_direct=any(source.startswith("-r ") for source in sources),
            needed_by=tuple(source for source in sources if not source.startswith("-")),
        )


def direct(file: Path) -> list[str]:
    """Return the packages that a `.in` file names."""
    lines = (line.split("#")[0].strip() for line in file.read_text().splitlines())
    return [canonicalize_name(Requirement(line).name) for line in lines if line and not line.startswith("-")]
