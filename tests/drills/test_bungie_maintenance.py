"""Drill: Bungie is down for maintenance while players look at their guardians, and comes back with a new manifest."""

import os
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from django.utils import timezone
from requests import Session, get

from destiny.manifest.models import Edition
from destiny.models import BungieAccount, Item
from sync.engine import transitions
from sync.models import BungieJob
from tests.drills.conftest import WITH_BUNGIE, Install
from tests.drills.installation import Installation

State, CURRENT = BungieJob.State, Edition.State.CURRENT
# Ten minutes with a probe each minute, on a faster clock. `DRILL_PROBE_SECONDS=60` runs it as it is.
PROBE_SECONDS = int(os.environ.get("DRILL_PROBE_SECONDS", "2"))
# Each has a third of the time: an envelope with code 5, and pages with a 503 and a 200.
FORMS = ("json", "html", "html_200")
PART_SECONDS = 10 * PROBE_SECONDS / len(FORMS)
PEOPLE = ("guildmaster", "officer", "raider", "social", "wanderer", "nameless")
MOST_TRIES = 6
# Of people: tokens, memberships, linked profiles, profiles, progress, vendors; of the game: vendors, milestones, the
# manifest, its files.
ENDPOINTS = 10


class DestinyInstallation(Installation):
    """An installation whose players play Destiny."""

    def prepare(self) -> None:
        """Begin without anything: players sign in."""

    @property
    def requests(self) -> int:
        return int(self.sandbox.bungie_stats()["requests"])

    def states(self) -> dict[str, int]:
        return dict(Counter(BungieJob.objects.values_list("state", flat=True)))

    def is_done(self) -> bool:
        return not BungieJob.objects.exclude(state=State.RESTING).exists()

    def sign_in(self, persona: str) -> Session:
        """Sign in with Bungie as a browser does."""
        browser = Session()
        # Gunicorn closes idle connections, on which a browser would repeat its request.
        browser.headers["Connection"] = "close"
        shown = browser.get(f"{self.web}/accounts/login/", timeout=30).text
        form = {"csrfmiddlewaretoken": shown.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]}
        to_bungie = browser.post(f"{self.web}/accounts/bungie/login/", form, allow_redirects=False, timeout=30)
        back = get(f"{to_bungie.headers['Location']}&persona={persona}", allow_redirects=False, timeout=30)
        assert browser.get(back.headers["Location"], timeout=30).ok
        return browser


def test_maintenance_costs_a_probe_a_minute_and_players_see_what_was_known(install: Install) -> None:
    site = install(
        kind=DestinyInstallation, OUTAGE_PROBE_SECONDS=str(PROBE_SECONDS), MANIFEST_LANGUAGES="en", **WITH_BUNGIE
    )
    assert isinstance(site, DestinyInstallation)
    site.start_web()
    browsers = [site.sign_in(persona) for persona in PEOPLE]
    site.wait_until(lambda: Edition.objects.filter(state=CURRENT).exists() and all_guardians_are_read())
    site.wait_until(site.is_done)
    before, tokens = items(), refresh_tokens()
    characters = [characters_of(site, browser) for browser in browsers]
    edition, jobs = Edition.objects.get(state=CURRENT), BungieJob.objects.count()

    site.sandbox.bungie("content/edition")
    # Half of the players need new tokens meanwhile; maintenance answers those requests with a 400.
    expired = [one.pk for one in BungieAccount.objects.order_by("pk")[: len(PEOPLE) // 2]]
    BungieAccount.objects.filter(pk__in=expired).update(expires_at=timezone.now())
    transitions.mark_due(BungieJob.objects.all(), BungieJob.Priority.LOW)
    site.sandbox.bungie("stats/reset")
    began = time.monotonic()
    for form in FORMS:
        site.sandbox.bungie("maintenance", form=form)
        look(site, browsers, characters, until=time.monotonic() + PART_SECONDS)
    paused = {one["endpoint"] for one in site.readyz()[1]["paused"] if one["provider"] == "bungie"}
    lasted, spent = time.monotonic() - began, site.requests
    assert "/App/OAuth/token/" in paused
    assert spent <= jobs * MOST_TRIES + ENDPOINTS * (lasted / PROBE_SECONDS + 1)
    assert not BungieJob.objects.failed().exists(), list(BungieJob.objects.failed().values_list("kind", "error_text"))
    assert (items(), refresh_tokens()) == (before, tokens)
    site.assert_alive()

    site.sandbox.bungie("maintenance")
    ended = time.monotonic()
    site.wait_until(lambda: Edition.objects.get(state=CURRENT) != edition)
    site.wait_until(site.is_done)
    print(
        f"{lasted:.0f} s of maintenance: {jobs} jobs, {spent} requests, {len(paused)} endpoints paused, "
        f"0 failed, everything read {time.monotonic() - ended:.1f} s after its end"
    )
    assert not BungieJob.objects.exclude(error_kind="").exists()
    assert not BungieJob.objects.filter(succeeded_at__lt=timezone.now() - timedelta(seconds=time.monotonic() - began))
    assert items() == before
    assert not BungieAccount.objects.exclude(lost_tokens_at=None).exists()
    assert all(refresh_tokens()[pk] != tokens[pk] for pk in expired)


def all_guardians_are_read() -> bool:
    """Return whether every player's memberships are known and their guardians and items read."""
    read = BungieJob.objects.filter(kind=BungieJob.Kind.PROFILE).exclude(succeeded_at=None)
    return len({one.membership.account_id for one in read.select_related("membership") if one.membership}) == len(
        PEOPLE
    )


def items() -> list[Any]:
    """Return what players have and where, without when it was written."""
    columns = ("membership", "guardian", "place", "instance_id", "item_hash", "quantity", "state", "details")
    return sorted(Item.objects.values_list(*columns), key=repr)


def refresh_tokens() -> dict[Any, str]:
    return {one.pk: one.refresh_token for one in BungieAccount.objects.all()}


def characters_of(site: DestinyInstallation, browser: Session) -> Any:
    """Return a player's guardians as the API shows them."""
    answer = browser.get(f"{site.web}/api/characters", timeout=30)
    assert answer.status_code == 200, answer.text
    return [one["characters"] for one in answer.json()["memberships"]]


def look(site: DestinyInstallation, browsers: list[Session], expected: list[Any], until: float) -> None:
    """Let all players look at their guardians again and again, and assert that they see what was known before."""
    while time.monotonic() < until:
        for browser, characters in zip(browsers, expected, strict=True):
            page = browser.get(f"{site.web}/destiny/", timeout=30)
            assert page.status_code == 200, page.text
            assert characters_of(site, browser) == characters
        time.sleep(0.5)
