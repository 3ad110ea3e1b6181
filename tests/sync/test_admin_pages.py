"""The admin pages Status and Capacity, which only site admins can open."""

import re
import tomllib
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from accounts.models import User
from accounts.services import grant_admin
from guilds.models import Guild
from sync.models import BlizzardJob
from tests.factories import add_members, make_job, member, night_watch
from tests.html import text_of
from tests.sync.heartbeats import heartbeat

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGES = ["/admin/status/", "/admin/capacity/"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def site_admin(client: Client, people: Callable[[str], User]) -> Client:
    client.force_login(people("Ada"), BACKEND)
    grant_admin(battletag="Ada#1000")
    return client


def everybody_works() -> None:
    heartbeat("worker@engine", queues=["interactive", "background"])
    heartbeat("beat@engine", kind="beat")
    heartbeat("dispatch", kind="dispatch")


@pytest.mark.parametrize("page", PAGES)
def test_only_site_admins_can_open_the_pages(client: Client, people: Callable[[str], User], page: str) -> None:
    assert client.get(page)["Location"] == f"/admin/login/?next={page}"
    client.force_login(people("Rolf"), BACKEND)
    assert client.get(page, follow=True).status_code == 403
    User.objects.update(is_staff=True)
    assert client.get(page).status_code == 403
    assert "Operation" not in text_of(client.get("/admin/"))


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_are_read_only(site_admin: Client, page: str) -> None:
    assert site_admin.post(page).status_code == 405
    assert f'href="{page}"' in site_admin.get("/admin/").content.decode()


def test_the_status_page_says_when_everything_works(site_admin: Client) -> None:
    everybody_works()
    page = site_admin.get("/admin/status/")
    assert "Everything works." in text_of(page)
    assert re.search(r"Answered with 429 \d+ Of these, while other requests were answered \d+ Waited", text_of(page))
    assert 'class="wrong"' not in page.content.decode()


def test_missing_workers_are_marked(site_admin: Client) -> None:
    everybody_works()
    heartbeat("worker@engine", queues=["interactive", "background"], ago=200)
    page = site_admin.get("/admin/status/")
    assert "worker: no heartbeat for 3 minutes" in text_of(page)
    assert '<tr class="wrong"><th scope="row" class="path">worker@engine</th>' in page.content.decode()


def test_what_failed_is_counted_and_leads_to_its_list(site_admin: Client) -> None:
    everybody_works()
    guild = night_watch()
    BlizzardJob.objects.create(kind="roster", guild=guild, state="FAILED", error_kind="bad_payload")
    page = site_admin.get("/admin/status/")
    assert "1 job failed." in text_of(page)
    address = "/admin/sync/blizzardjob/?state__exact=FAILED&amp;kind__exact=roster&amp;error_kind=bad_payload"
    assert address in page.content.decode()
    listed = site_admin.get(address.replace("&amp;", "&"))
    assert listed.status_code == 200
    assert "Night Watch" in text_of(listed)


def test_stuck_jobs_are_reported(site_admin: Client) -> None:
    everybody_works()
    long_ago = timezone.now() - timedelta(hours=5)
    BlizzardJob.objects.create(kind="roster", guild=night_watch(), state="DUE", next_due_at=long_ago)
    assert (
        "Jobs in the queue background have been due for 5\xa0hours."
        in site_admin.get("/admin/status/").content.decode()
    )


def test_without_redis_the_page_works_and_says_so(site_admin: Client, settings: Any) -> None:
    everybody_works()
    settings.REDIS_URL = "redis://127.0.0.1:9"
    assert "Redis does not answer" in text_of(site_admin.get("/admin/status/"))


def test_the_status_page_names_the_version(site_admin: Client) -> None:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    assert f"Guildsite {project['version']}, as of" in text_of(site_admin.get("/admin/status/"))


def test_polling_returns_only_the_status(site_admin: Client) -> None:
    everybody_works()
    fragment = site_admin.get("/admin/status/", headers=HTMX).content.decode()
    assert fragment.lstrip().startswith('<div id="status"')
    assert 'hx-trigger="every 10s"' in fragment
    assert 'hx-trigger="every' not in site_admin.get("/admin/status/?pause").content.decode()


def test_a_poll_after_signing_out_redirects_to_the_sign_in(client: Client) -> None:
    response = client.get("/admin/status/", headers=HTMX, follow=True)
    assert response.headers["HX-Refresh"] == "true"


def test_it_costs_the_same_however_many_jobs_there_are(site_admin: Client, django_assert_max_num_queries: Any) -> None:
    everybody_works()
    # What is asked once in a while only, such as whether there is room on the disk, is known then.
    site_admin.get("/admin/status/")
    add_members(guild := night_watch(), 300)
    BlizzardJob.objects.bulk_create(
        BlizzardJob(kind="profile", character=one.character, state="FAILED", error_kind="unavailable")
        for one in guild.memberships.select_related("character")
    )
    with django_assert_max_num_queries(18):
        assert "300 jobs failed." in text_of(site_admin.get("/admin/status/"))


def test_capacity_shows_what_the_command_prints(site_admin: Client, settings: Any) -> None:
    BlizzardJob.objects.create(kind="roster", guild=night_watch(), succeeded_at=timezone.now() - timedelta(days=3))
    page = text_of(site_admin.get("/admin/capacity/"))
    line = page.partition("All rosters")[2].split()
    assert line[:7] == ["1", "1.00", "2", "0.00%", "3", "days", "ago"]
    assert "of 864,000 a day" in page
    assert "Within limits" in page
    settings.BLIZZARD_RATE_PER_HOUR = 1
    PeriodicTask.objects.filter(name="Due: all rosters").update(
        crontab=PeriodicTask.objects.get(name="Due: rosters in use").crontab
    )
    assert "players wait and retries can't catch up" in text_of(site_admin.get("/admin/capacity/"))


JOBS = "/admin/sync/blizzardjob/"


@pytest.fixture
def failed() -> list[BlizzardJob]:
    """Create failures of three of five characters, and of a roster."""
    add_members(guild := night_watch(), 5)
    for one, state in zip(guild.memberships.select_related("character"), ["FAILED"] * 3 + ["RESTING"] * 2, strict=True):
        make_job(one.character, state)
    make_job(guild, "FAILED")
    return list(BlizzardJob.objects.failed())


def due() -> set[Any]:
    return set(BlizzardJob.objects.filter(state="DUE").values_list("pk", flat=True))


def test_selected_failures_are_retried(site_admin: Client, failed: list[BlizzardJob]) -> None:
    chosen = [failed[0].pk, *BlizzardJob.objects.filter(state="RESTING").values_list("pk", flat=True)]
    page = site_admin.post(JOBS, {"action": "retry_chosen", "_selected_action": chosen}, follow=True)
    assert "1 job is due." in text_of(page)
    assert due() == {failed[0].pk}


def test_all_failures_are_retried(site_admin: Client, failed: list[BlizzardJob]) -> None:
    assert f'action="{JOBS}retry-failed/"' in site_admin.get(JOBS).content.decode()
    assert site_admin.get(f"{JOBS}retry-failed/").status_code == 405
    assert "4 jobs are due." in text_of(site_admin.post(f"{JOBS}retry-failed/", follow=True))
    assert due() == {one.pk for one in failed}


def retry_selected(browser: Client, jobs: list[BlizzardJob]) -> None:
    browser.post(JOBS, {"action": "retry_chosen", "_selected_action": [one.pk for one in jobs]})


def sync_selected(browser: Client, jobs: list[BlizzardJob]) -> None:
    browser.post(JOBS, {"action": "sync_again", "_selected_action": [one.pk for one in jobs]})


def retry_all(browser: Client, jobs: list[BlizzardJob]) -> None:
    browser.post(f"{JOBS}retry-failed/")


def run_command(browser: Client, jobs: list[BlizzardJob]) -> None:
    call_command("sync_failed", "--retry", stdout=StringIO())


@pytest.mark.parametrize("retry", [retry_selected, sync_selected, retry_all, run_command])
def test_retries_go_behind_what_people_wait_for(
    site_admin: Client, failed: list[BlizzardJob], retry: Callable[[Client, list[BlizzardJob]], None]
) -> None:
    retry(site_admin, failed)
    assert due() == {one.pk for one in failed}
    assert set(BlizzardJob.objects.filter(state="DUE").values_list("priority", flat=True)) == {
        BlizzardJob.Priority.HIGH
    }


def test_officers_see_their_jobs_and_retry_nothing_from_there(
    client: Client, people: Callable[[str], User], failed: list[BlizzardJob]
) -> None:
    guild = Guild.objects.get()
    member(guild, "Marabel", rank=0, user=people("Mara"))
    client.force_login(people("Mara"), BACKEND)
    page = client.get(JOBS)
    assert "Night Watch" in text_of(page)
    assert "retry-failed" not in page.content.decode()
    assert client.post(f"{JOBS}retry-failed/").status_code == 403
    for action in ("retry_chosen", "sync_again"):
        client.post(JOBS, {"action": action, "_selected_action": [one.pk for one in failed]})
    assert due() == set()
