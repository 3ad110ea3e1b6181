"""A finding: something that is wrong with the installation, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """The severity of a finding. Operators are told about errors and warnings; hints are only shown."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    `cause` identifies it over time, such as "disk-full"; findings of one cause are one notice. `text` is a sentence
    without personal data, `mend` says what to do.
    """

    cause: str
    severity: Severity
    text: str
    mend: str


def error(cause: str, text: str, mend: str) -> Finding:
    """Return a finding that keeps the site from doing its work."""
    return Finding(cause, Severity.ERROR, text, mend)


def warning(cause: str, text: str, mend: str) -> Finding:
    """Return a finding that soon will, or that weakens the site."""
    return Finding(cause, Severity.WARNING, text, mend)


def hint(cause: str, text: str, mend: str) -> Finding:
    """Return a finding that can be on purpose."""
    return Finding(cause, Severity.HINT, text, mend)
