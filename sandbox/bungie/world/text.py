"""Texts in several languages, which become one language when a document is encoded."""

import json
from dataclasses import dataclass

LANGUAGES = ("en", "fr", "es", "es-mx", "de", "it", "ja", "pt-br", "ru", "pl", "ko", "zh-cht", "zh-chs")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in English and French. Other languages have the English one with the language appended."""

    en: str
    fr: str

    def in_language(self, language: str) -> str:
        """Return the text in one of LANGUAGES."""
        if language in ("en", "fr"):
            return self.en if language == "en" else self.fr
        return f"{self.en} ({language})" if self.en else ""


EMPTY = Text("", "")


def encode(document: object, language: str) -> str:
    """Return JSON in which each Text is in this language."""

    def plain(value: object) -> str:
        if isinstance(value, Text):
            return value.in_language(language)
        raise TypeError(f"{value!r} is not a text")

    return json.dumps(document, default=plain, ensure_ascii=False, separators=(",", ":"))
