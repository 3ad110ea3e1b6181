"""Every column with personal data is registered, listed in docs/privacy.md and shown on *Your data*."""

import os
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client

from accounts.models import User
from accounts.personal_data import Section, sections
from tests.personas import Personas

DOCUMENT = Path(__file__).parents[2] / "docs" / "privacy.md"
MARK = "<!-- From here on written by tests/accounts/test_personal_data.py, with WRITE_TABLES=1. -->"


def references_to_people() -> Iterator[str]:
    """Yield every column and many-to-many table that references User."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields(include_hidden=True):
            if field.is_relation and field.concrete and field.related_model is User:
                yield f"{model._meta.label}.{field.name}"


def test_every_reference_to_a_user_is_listed() -> None:
    decided = {column for section in sections() for column in section.columns}
    undecided = set(references_to_people()) - decided
    assert not undecided, f"Add {undecided} to the personal_data.py of the app."


def test_every_listed_column_exists() -> None:
    for section in sections():
        for column in section.columns:
            label, name = column.rsplit(".", 1)
            apps.get_model(label)._meta.get_field(name)


def test_every_app_has_a_section() -> None:
    assert [section.name for section in sections()] == [
        "accounts",
        "api",
        "characters",
        "guilds",
        "permissions",
        "destiny",
        "sync",
    ]


def test_docs_privacy_is_up_to_date() -> None:
    written = DOCUMENT.read_text()
    text = written.partition(MARK)[0] + MARK + "\n" + "\n".join(tables()) + "\n"
    if os.environ.get("WRITE_TABLES"):
        DOCUMENT.write_text(text)
    assert DOCUMENT.read_text() == text, "docs/privacy.md is old: run the test with WRITE_TABLES=1"


def tables() -> Iterator[str]:
    """The retention table, and what deleting an account does to each column."""
    yield from ("", "## What is stored, why, and for how long", "", "| what | why | how long |", "|---|---|---|")
    for section in sections():
        for line in section.retention:
            yield f"| {line.what} | {line.why} | {line.how_long} |"
    yield from ("", "## What deleting an account does to each column", "", "| column | on deletion |", "|---|---|")
    yield from lines_of_columns(sections())


def lines_of_columns(all_sections: list[Section]) -> Iterator[str]:
    for section in all_sections:
        for column, decision in section.columns.items():
            yield f"| `{column}` | {decision} |"


@pytest.mark.django_db
def test_the_page_shows_the_retention_table(personas: Personas) -> None:
    page = unescape(personas.browser("Rolf").get("/account/data/").content.decode())
    for section in sections():
        for line in section.retention:
            for text in (line.what, line.why, line.how_long):
                assert str(text) in page


@pytest.mark.django_db
def test_visitors_are_redirected_to_the_sign_in_page(client: Client) -> None:
    assert client.get("/account/data/")["Location"].startswith("/accounts/login/")
