"""The words by which definitions are found, without accents and case, as PostgreSQL's text search has them.

They are made here and not by PostgreSQL, whose `unaccent` is an extension that not every server has.
"""

import re
from collections.abc import Iterator

from accounts.plain_text import plain

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
# Chinese and Japanese, which have no spaces between words.
_WITHOUT_SPACES = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
MOST_WORDS = 8


def search_vector(name: str) -> str | None:
    """Return the words of a name as the text of a `tsvector`, or None without any."""
    words = sorted(set(_words_to_find(plain(name))))
    return " ".join(f"'{one}'" for one in words) or None


def search_query(text: str) -> str | None:
    """Return the text of a `tsquery` for names with words that begin like those of the text; None without any."""
    words = list(dict.fromkeys(_WORD.findall(plain(text))))[:MOST_WORDS]
    return " & ".join(f"'{one}':*" for one in words) or None


def _words_to_find(text: str) -> Iterator[str]:
    """Yield the words, and what else somebody types: "leclat" for "l'éclat", and the end of a text without spaces."""
    for word in (*_WORD.findall(text), *_WORD.findall(_APOSTROPHES.sub("", text))):
        yield word
        if _WITHOUT_SPACES.search(word):
            yield from (word[start:] for start in range(1, len(word)))
