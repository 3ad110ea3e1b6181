"""The links that a guild shows on its page: rules of their own, since whoever may edit them is not always trusted."""

import re
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

MOST_LINKS = 5
LONGEST_LABEL = 40
LONGEST_ADDRESS = 500

# What JSON can say and PostgreSQL cannot store: NUL, and half of a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")

check_address = URLValidator(schemes=("http", "https"))


@dataclass(frozen=True, slots=True)
class Link:
    """Words, and where they lead: always a web page."""

    label: str
    url: str

    @property
    def host(self) -> str:
        """Where it really leads, whatever the words say."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")


def links_of(stored: Any) -> list[Link]:
    """The links that are fit to be shown; whatever else stands in the column is left out."""
    return [Link(one["label"], one["url"]) for one in stored if _is_sound(one)] if isinstance(stored, list) else []


def as_stored(links: list[Link]) -> list[dict[str, str]]:
    """The links as the column holds them."""
    return [asdict(link) for link in links]


def check_links(stored: Any) -> None:
    """Raises ValidationError for what is no list of a few links to web pages."""
    if not isinstance(stored, list) or len(stored) > MOST_LINKS or not all(map(_is_sound, stored)):
        raise ValidationError(
            _('A list of up to %(most)d {"label": …, "url": …}, with addresses of web pages.'),
            params={"most": MOST_LINKS},
        )


def _is_sound(one: Any) -> bool:
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
