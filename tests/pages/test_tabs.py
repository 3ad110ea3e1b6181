"""A guild's tabs: a group for everyone, and one for officers."""

import re

import pytest

from tests.factories import OVERVIEW
from tests.personas import Personas

pytestmark = pytest.mark.django_db


def groups(personas: Personas, name: str) -> list[list[str]]:
    page = personas.browser(name).get(OVERVIEW).content.decode()
    tabs = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert tabs is not None
    lists = re.findall(r"<ul.*?</ul>", tabs[0], re.DOTALL)
    return [[label.strip() for label in re.findall(r"<a [^>]*>([^<]*)</a>", one)] for one in lists]


def test_an_officer_has_two_groups_of_tabs(personas: Personas) -> None:
    everyone, officers = groups(personas, "Olga")
    assert everyone[:4] == ["Overview", "Roster", "Ranks", "Timeline"]
    assert {"Notes", "To-do", "Sync", "Settings", "Admin"} <= set(officers)
    assert not set(everyone) & set(officers)


def test_a_raider_has_one(personas: Personas) -> None:
    (everyone,) = groups(personas, "Rolf")
    assert everyone[:4] == ["Overview", "Roster", "Ranks", "Timeline"]
