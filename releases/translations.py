"""`python -m releases.translations check|update`: the translations of all texts, without gettext's programs."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("fr",)
FOLDERS = (
    "accounts",
    "api",
    "characters",
    "destiny",
    "guilds",
    "guildsite",
    "operations",
    "permissions",
    "sync",
    "templates",
)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    "npgettext": ((1, "c"), 2, 3),
}
# Catalogs say when they were made; with one date for all, an update changes only what changed.
MADE = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> int:
    """Check the catalogs, or bring them up to date; return the exit status."""
    if sys.argv[1:] not in (["check"], ["update"]):
        print(__doc__, file=sys.stderr)
        return 2
    texts = extracted()
    if sys.argv[1] == "update":
        for language in LANGUAGES:
            update(language, texts)
    problems = [problem for language in LANGUAGES for problem in check(language, texts)]
    print("\n".join(problems) if problems else f"translations: {len(texts):,} texts in {', '.join(LANGUAGES)}")
    return 1 if problems else 0


def extracted() -> Catalog:
    """Return every text of the code, the templates and the models."""
    texts = Catalog(creation_date=MADE)
    for path in _sources():
        code = path.read_text()
        if path.suffix == ".html":
            # Django's own step: calls of gettext, and an X for everything else, whose indentation means nothing.
            code = "\n".join(line.lstrip() for line in templatize(code).splitlines())
        for _line, text, _comments, context in extract("python", io.BytesIO(code.encode()), KEYWORDS):
            texts.add(text, context=context)
    for name in _field_names():
        texts.add(name)
    return texts


def update(language: str, texts: Catalog) -> None:
    """Add new texts without a translation and drop those that are gone; write both files."""
    catalog = _read(language)
    catalog.update(texts, no_fuzzy_matching=True)
    catalog.creation_date = catalog.revision_date = MADE
    _po(language).parent.mkdir(parents=True, exist_ok=True)
    with _po(language).open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, ignore_obsolete=True)
    _mo(language).write_bytes(_compiled(catalog))


def check(language: str, texts: Catalog) -> Iterator[str]:
    """Return what is wrong: texts without a translation, fuzzy ones, wrong placeholders, an old compiled file."""
    catalog = _read(language)
    for text in texts:
        if text.id and (problem := _problem(catalog.get(_id(text), text.context))):
            yield f"{_po(language).relative_to(ROOT)}: {problem}: {_id(text)!r}"
    for message, errors in catalog.check():
        yield from (f"{_po(language).relative_to(ROOT)}: {error}: {_id(message)!r}" for error in errors)
    if not _mo(language).exists() or _mo(language).read_bytes() != _compiled(catalog):
        yield f"{_mo(language).relative_to(ROOT)}: run `make translations`"


def _problem(message: Message | None) -> str:
    strings = () if message is None else message.string if isinstance(message.string, tuple) else (message.string,)
    if message is None or not all(strings):
        return "missing"
    return "fuzzy" if message.fuzzy else ""


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _read(language: str) -> Catalog:
    if not _po(language).exists():
        return Catalog(locale=language, project="Guildsite", fuzzy=False)
    with _po(language).open("rb") as file:
        return read_po(file, locale=language)


def _compiled(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def _po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _mo(language: str) -> Path:
    return _po(language).with_suffix(".mo")


def _sources() -> list[Path]:
    """Return the files of the apps that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *FOLDERS]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    found = [ROOT / name for name in names if name.endswith((".py", ".html")) and "/migrations/" not in name]
    return [path for path in found if path.exists()]


def _field_names() -> set[str]:
    """Return the names of columns as the admin shows them, where the model does not give another one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
    django.setup()
    from guildsite.field_names import unnamed_fields

    return {name for _field, name in unnamed_fields()}


if __name__ == "__main__":
    sys.exit(main())
