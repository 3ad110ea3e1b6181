"""The life of the demo's guild, through the sandbox and the site's own sync."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from demo.history import History
from demo.world import SandboxWorld
from guilds.models import FormerMember, Guild, Membership, OfficerNote, TimelineEvent, TodoItem
from sync.engine.rate_limiter import Lane
from sync.wow.provider import client_for
from tests.battlenet import CLIENT_ID, CLIENT_SECRET, Sandbox

DAYS = 15

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


def test_two_weeks_of_a_guild_have_the_dates_of_their_days(sandbox: Sandbox) -> None:
    sandbox.is_changed = True
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    first_day = today - timedelta(days=DAYS)
    callback = "http://localhost/accounts/battlenet/login/callback/"
    world = SandboxWorld(sandbox.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, callback=callback)
    History(world, client_for(Lane.INTERACTIVE), first_day).live(DAYS)

    assert sandbox.world()["day"] == DAYS
    guild = Guild.objects.get()
    moments = list(TimelineEvent.objects.order_by("happened_at").values_list("happened_at", flat=True))
    assert {one.date() for one in moments} == {(first_day + timedelta(days=day)).date() for day in (0, 7, 14)}
    assert FormerMember.objects.filter(left_at__lt=today).exists()
    assert guild.ranks.get(rank_level=2).permission_set.name == "Officers"
    assert {one.has_perm("guilds.manage_roster", guild) for one in User.objects.filter(battletag="Morwick#21185")} == {
        True
    }
    assert OfficerNote.objects.filter(created_at__lt=today).count() == 2
    assert Membership.objects.exclude(noted_main=None).exists()
    assert TodoItem.objects.filter(state=TodoItem.State.DONE).exists()
    assert not TodoItem.objects.filter(state=TodoItem.State.OPEN).exists()
    assert timezone.now() > today
