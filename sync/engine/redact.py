"""Redacted excerpts of unusable responses, for debugging: never a secret, whatever the response echoes."""

import re
from collections.abc import Iterable

LENGTH = 120
# Bytes that are looked at: what the expressions below need grows with their square.
LOOKED_AT = 4_000
MARKS = ' \n"<>,:'
HIDDEN = "…"

_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_CREDENTIALS = re.compile(r"\b(bearer|basic)\s+\S+", re.IGNORECASE)
# Tokens, keys and encoded data. Words are shorter, and an address that is longer than this is not missed.
_LONG = re.compile(r"[A-Za-z0-9+/_=%.~-]{20,}")


def excerpt(body: bytes, secrets: Iterable[str]) -> str:
    """Return the first words of the body, without markup, the secrets, and what looks like one."""
    text = body[:LOOKED_AT].decode("utf-8", "replace")
    if len(body) > LOOKED_AT:
        # What follows the last mark can be the first half of a secret.
        text = text[: max(map(text.rfind, MARKS)) + 1]
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = re.sub(re.escape(secret), HIDDEN, text, flags=re.IGNORECASE)
    # Redacted before and after the markup is removed: removing it can cut a secret in two, or join it.
    text = _without_credentials(_MARKUP.sub(" ", _without_credentials(text)))
    text = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}{HIDDEN}"


def _without_credentials(text: str) -> str:
    return _LONG.sub(HIDDEN, _CREDENTIALS.sub(rf"\1 {HIDDEN}", text))
