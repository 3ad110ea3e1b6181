"""Times that lie ahead, and what a page says about the next attempt."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.templatetags.freshness import in_words
from sync.models import BlizzardJob
from tests.factories import OVERVIEW
from tests.html import text_of
from tests.personas import Personas

SECONDS = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(days=28) - SECONDS, "in 28 days"),
        (timedelta(days=1) - SECONDS, "in 1 day"),
        (timedelta(days=1, hours=2), "in 1 day"),
        (timedelta(hours=23), "in 23 hours"),
        (timedelta(minutes=5), "in 5 min"),
        (SECONDS, "in a moment"),
    ],
)
def test_what_expires_after_28_days_has_28_days_left_a_few_seconds_later(ahead: timedelta, words: str) -> None:
    assert in_words(-ahead) == words


@pytest.mark.django_db
def test_an_attempt_that_is_due_comes_in_a_moment_and_not_four_minutes_ago(personas: Personas) -> None:
    late = timezone.now() - timedelta(minutes=4)
    roster = BlizzardJob.objects.filter(guild=personas.guild)
    roster.update(state="FAILED", error_kind="unavailable", next_due_at=late)
    page = text_of(personas.browser("Olga").get(OVERVIEW))
    assert "Next attempt in a moment" in page
    assert "4 min ago" not in page
