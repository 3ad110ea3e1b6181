"""The links on a guild's overview, with strict rules, since not everyone who edits them is trusted."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.utils.translation import gettext_lazy as _

MOST_LINKS = 5
LONGEST_LABEL = 40
LONGEST_ADDRESS = 500

# What JSON can say and PostgreSQL cannot store: NUL, and half of a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")

check_address = URLValidator(schemes=("http", "https"))
# Half of a surrogate pair in a form arrives as replacement characters.
check_readable = RegexValidator(
    "\ufffd", _("Some characters could not be read. Enter them again."), code="unreadable", inverse_match=True
)


@dataclass(frozen=True, slots=True)
class Link:
    """A label and the URL of a web page."""

    label: str
    url: str

    @property
    def host(self) -> str:
        """The host of the URL, whatever the label says."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")


def links_of(stored: Any) -> list[Link]:
    """Return the valid links; anything else in the column is left out."""
    return [Link(one["label"], one["url"]) for one in stored if _is_valid(one)] if isinstance(stored, list) else []


def check_links(stored: Any) -> None:
    """Raise ValidationError unless it is a list of a few links to web pages."""
    if not isinstance(stored, list) or len(stored) > MOST_LINKS or not all(map(_is_valid, stored)):
        raise ValidationError(
            _('A list of up to %(most)d {"label": …, "url": …}, with URLs of web pages.'),
            params={"most": MOST_LINKS},
        )


def _is_valid(one: Any) -> bool:
    if not isinstance(one, dict) or one.keys() != {"label", "url"}:
        return False
    label, url = one["label"], one["url"]
    if not isinstance(label, str) or not isinstance(url, str) or len(url) > LONGEST_ADDRESS:
        return False
    if UNSTORABLE.search(label + url):
        return False
    try:
        check_address(url)
    except ValidationError:
        return False
    return 0 < len(label) <= LONGEST_LABEL
