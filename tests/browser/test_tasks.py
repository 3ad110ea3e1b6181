"""Ten tasks of officers, each with its number of clicks. WRITE_TABLES=1 writes the table docs/tasks.md."""

import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from characters.models import Character
from guilds.models import Membership, TimelineEvent
from tests.battlenet import CHECKOUT
from tests.browser.hands import Finger, Keyboard, Mouse
from tests.browser.journeys import use_session
from tests.browser.tasks import TASKS, Task, set_up_ranks
from tests.factories import OVERVIEW, add_members, member
from tests.personas import Personas
from tests.stack import PATIENCE, Stack

TABLE = CHECKOUT / "docs/tasks.md"
INTRODUCTION = """# Tasks of officers

How many clicks a task takes, counted from the guild's overview. `tests/browser/test_tasks.py` does each of them in a
browser, fails if it takes another number, and writes this table. A click into a field counts, typing does not;
choosing from a list takes two. With a keyboard only Enter and Space count; Tab leads to everything. The phone is
390 pixels wide.

"""
TRIED = [(task, kind) for task in TASKS for kind in task.clicks]


@pytest.mark.parametrize(
    ("task", "kind"), TRIED, ids=[f"{task.steps.__name__}-{kind.__name__}" for task, kind in TRIED]
)
def test_an_officers_task(task: Task, kind: type[Mouse], chromium: Any, stack: Stack, personas: Personas) -> None:
    populate(personas, is_new=task.steps is set_up_ranks)
    context = chromium.new_context(
        base_url=stack.url,
        viewport={"width": kind.width, "height": 900},
        has_touch=kind is Finger,
        reduced_motion="reduce",
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    use_session(page, stack, personas.browser("Mara"))
    page.goto(OVERVIEW)
    hand = kind(page)
    task.steps(hand, page)
    context.close()
    assert hand.clicks == task.clicks[kind]


def populate(personas: Personas, *, is_new: bool) -> None:
    """Add a hundred members, away ones, tanks and healers, alts, and who came and went this week."""
    guild, now = personas.guild, timezone.now()
    Character.objects.update(last_login_at=now)
    for name in ("Rolfone", "Rolftwo", "Rolfthree"):
        member(guild, name, rank=6, user=personas["Rolf"], level=40, last_login_at=now)
    Character.objects.filter(name="Rolfne").update(equipped_item_level=580)
    add_members(guild, 100)
    soldiers = Character.objects.filter(name__startswith="Soldier").order_by("name")
    soldiers.update(last_login_at=now, level=70)
    # Soldier0010 is not away: an alt was played today.
    change(soldiers[:31], last_login_at=now - timedelta(days=40))
    change(soldiers[31:34], level=80, role="TANK")
    change(soldiers[34:39], level=80, role="HEALER")
    change(soldiers[39:40], name="Twink")
    main = Membership.objects.get(character__name="Soldier0010")
    Membership.objects.filter(character__name="Twink").update(noted_main=main)
    TimelineEvent.objects.bulk_create(
        TimelineEvent(guild=guild, kind=kind, character_name=name, happened_at=now)
        for kind, name in (("JOINED", "Newcomer"), ("JOINED", "Newfriend"), ("LEFT", "Oldhand"))
    )
    if is_new:
        guild.ranks.update(rank_name="")
        guild.ranks.filter(rank_level=1).update(permission_set=personas.set("Members"))


def change(characters: Iterable[Character], **fields: Any) -> None:
    Character.objects.filter(pk__in=[one.pk for one in characters]).update(**fields)


def test_the_table_of_tasks_is_up_to_date() -> None:
    text = "".join(lines())
    if os.environ.get("WRITE_TABLES"):
        TABLE.write_text(text)
    assert TABLE.read_text() == text, "docs/tasks.md is outdated: run the test with WRITE_TABLES=1"


def lines() -> Iterator[str]:
    yield INTRODUCTION
    yield "| task | way | mouse | keyboard | phone |\n|---|---|---|---|---|\n"
    for task in TASKS:
        clicks = (str(task.clicks.get(kind, "")) for kind in (Mouse, Keyboard, Finger))
        yield f"| {task.wanted} | {task.way} | {' | '.join(clicks)} |\n"
