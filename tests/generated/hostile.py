"""Values that have broken sites before."""

from urllib.parse import quote_from_bytes

from hypothesis import strategies as st


def words(text: str) -> tuple[str, ...]:
    """Split a text at its spaces."""
    return tuple(text.split())


TEXTS = (
    *("", " ", "\0", "a\0b", "\ud800", "a\udfffb", "\r\nX-Injected: 1", "\x1b[31m", "\x7f", "\u202e", "e\u0301", "Ω"),
    *(
        "'",
        '"',
        "\\",
        "%",
        "%00",
        "%zz",
        "=",
        "&",
        ";",
        "../../etc/passwd",
        "<script>",
        "{{ 7 }}",
        "[]",
        "{}",
        '["\\u0000"]',
    ),
    *(
        '[{"label": "\\ud800", "url": "https://a.example"}]',
        "null",
        "true",
        "None",
        "NaN",
        "inf",
        "1e309",
        "-0",
        "²",
        "２",
    ),
    *(
        "0",
        "-1",
        "1",
        "2147483648",
        "-9223372036854775809",
        "99999999999999999999",
        "9" * 5000,
        "1,2,3",
        "1.2.3",
        "0x1",
    ),
    *("9999-12-31", "10000-01-01", "0000-00-00", "0001-01-01", "2026-11-21T25:61", "9999-12-31 23:59:59.999999+14:00"),
    *("00000000-0000-0000-0000-000000000000", "not-a-uuid", "http://[", "//evil.example", "///", "javascript:alert(1)"),
    *(
        "http://[::1",
        "https://a.example:99999999/",
        "(a+)+$",
        "((((a*)*)*)*)*b",
        "(",
        "*",
        "\\1",
        "x" * 300,
        "é" * 5000,
    ),
)
CHARSETS = (
    *("utf-8", "UTF8", "us-ascii", "latin-1", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp037", "shift_jis", "mbcs"),
    *(
        "unicode_escape",
        "raw_unicode_escape",
        "idna",
        "punycode",
        "rot13",
        "hex",
        "base64",
        "zlib",
        "undefined",
        "none",
    ),
    *("", '"', "\0", "utf-8\0", "x" * 300, "ü", "../../utf-8"),
)
CONTENT_TYPES = (
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=limit", "text/plain", "application/json"),
    *(
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "b" * 500,
        "multipart/",
    ),
    *(
        "multipart/form-data; boundary=\xff",
        "multipart/mixed; boundary=limit",
        "",
        ";",
        "*/*",
        "a/b; charset",
        "\xff\xfe",
    ),
    *(
        "a/b; charset*=nowhere''x",
        "a/b; charset*=utf-8''a%00b",
        "a/b; charset*0=utf; charset*1=-16",
        "a/b; x*=''",
        "x" * 4000,
    ),
    "application/x-www-form-urlencoded; charset*=idna''x",
)
PART_HEADERS = (
    'form-data; name="{name}"',
    "form-data; name={name}",
    'form-data; name="{name}"; filename="a.txt"',
    'form-data; name="{name}"; filename="a\\0.txt"',
    "form-data; name*=utf-8''%00{name}",
    "form-data; name*=utf-7''{name}+2AA-",
    "form-data; name*=nowhere''{name}",
    "form-data; name=\"{name}\"; filename*=idna''a",
    "form-data",
    "attachment; name",
)
TRANSFER_ENCODINGS = ("base64", "quoted-printable", "8bit", "\xff")


def texts() -> st.SearchStrategy[str]:
    """Return texts that are likely to break something, with lone surrogates and NUL bytes among them."""
    return st.one_of(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.text(max_size=12))


def raw(text: str) -> bytes:
    """Encode a text as a client might, which is not always valid UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def escaped(text: str) -> str:
    """Escape a text for an address."""
    return quote_from_bytes(raw(text), safe="")
