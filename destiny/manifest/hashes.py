"""Hashes of definitions: unsigned numbers of 32 bits in the API, signed ones in the content files' SQLite."""

LARGEST = 2**32 - 1


def unsigned(number: int) -> int:
    """Return the hash as the API writes it, from either form."""
    return number & LARGEST


def signed(number: int) -> int:
    """Return the hash as SQLite has it, from either form."""
    found = unsigned(number)
    return found - 2**32 if found >= 2**31 else found


def read_hash(text: str) -> int | None:
    """Return the unsigned hash that somebody typed in either form, or None if it is none."""
    try:
        number = int(text) if len(text) <= len(str(LARGEST)) + 1 and text.isascii() else None
    except ValueError:
        return None
    return unsigned(number) if number is not None and -(2**31) <= number <= LARGEST else None
