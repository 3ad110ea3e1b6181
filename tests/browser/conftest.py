"""One Chromium for each process of the test run, and a window for each test."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.in_process import ORIGIN, Site
from tests.stack import PATIENCE, Stack

BROWSER_REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"

# Playwright runs an event loop in the thread of the tests, which Django would take for an async view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running Chromium. Without one, tests are skipped, and the run says so at its end (REQUIRE_BROWSER=1: fail)."""
    if CHROMIUM is None:
        reason = "no Chromium on this machine"
        pytest.fail(reason) if BROWSER_REQUIRED else pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE * 1000)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
        # While Playwright's event loop runs, Django has other connections, which nobody could close afterwards.
        connections.close_all()


@pytest.fixture
def page(chromium: Any, stack: Stack) -> Iterator[Any]:
    """A new window at the running site. The test fails when a page violates the site's own security policy."""
    context = chromium.new_context(base_url=stack.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    window = context.new_page()
    window.set_default_timeout(PATIENCE * 1000)
    complaints: list[str] = []
    window.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    window.on("pageerror", lambda error: complaints.append(str(error)))
    yield window
    context.close()
    expected = ("Failed to load resource",)
    assert not [text for text in complaints if not text.startswith(expected)]


@pytest.fixture
def site(chromium: Any, db: None) -> Iterator[tuple[Any, Site]]:
    """A window whose pages come from this process, and from the transaction of the test."""
    context = chromium.new_context(base_url=ORIGIN, reduced_motion="reduce", service_workers="block")
    site = Site(context)
    yield context.new_page(), site
    context.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the browser."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
