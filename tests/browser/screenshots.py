"""Take pictures of every page of the demo for docs/screens: phone and desktop, light and dark (`make screens`).

Without an address it uses the demo that runs on PORT, or starts one and ends it afterwards.
"""

import argparse
import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Error, sync_playwright

from tests.browser import screens
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.journeys import sign_in_unseen
from tests.browser.screens import Screen

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / "docs/screens"
# Width, height of the window, and the most of a long page that is shown.
SIZES = {"phone": (390, 844, 1170), "desktop": (1280, 800, 900)}
SCHEMES = ("light", "dark")
QUALITY = 28
SITE_ADMIN = "nowow"


@dataclass
class Camera:
    """Takes the pictures of a site's pages, and keeps the names of those that it could not take."""

    site: str
    folder: Path
    format: str
    browser: Browser
    failed: list[str] = field(default_factory=list)

    @contextmanager
    def window(self, persona: str = "", locale: str = "en-GB") -> Iterator[Any]:
        """Open a window in which the persona, if any, is signed in and all their characters are fetched."""
        context = self.browser.new_context(base_url=self.site, locale=locale, reduced_motion="reduce")
        page = context.new_page()
        if persona:
            sign_in_unseen(page, persona)
            page.goto("/characters/")
            page.locator(".progress").wait_for(state="detached", timeout=120_000)
        yield page
        context.close()

    def take(self, page: Any, screens: Iterable[Screen], guild: str, *, suffix: str = "") -> None:
        """Take four pictures of each page; a page that fails is told and left out."""
        for screen in screens:
            address = screen.address if screen.address.startswith("/") else guild + screen.address
            try:
                self._open(page, screen, address)
                self._take(page, screen.name + suffix)
            except (Error, AssertionError) as error:
                self.failed.append(f"{screen.name}{suffix}: {str(error).strip().splitlines()[0]}")
            print(".", end="", flush=True)

    def _open(self, page: Any, screen: Screen, address: str) -> None:
        page.set_viewport_size({"width": 1280, "height": 900})
        response = page.goto(address)
        assert response.status < 400 or screen.is_error, f"{response.status} {address}"
        if screen.prepare:
            screen.prepare(page)

    def _take(self, page: Any, name: str) -> None:
        devtools = page.context.new_cdp_session(page)
        options: dict[str, Any] = {"format": self.format} | ({"quality": QUALITY} if self.format == "webp" else {})
        for size, (width, height, longest) in SIZES.items():
            # As tall as the page: what sticks to the bottom of the window is then at the bottom of the picture.
            page.set_viewport_size({"width": width, "height": height})
            length = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": min(max(length, height), longest)})
            page.evaluate("window.scrollTo(0, 0)")
            # Nothing is highlighted under the mouse.
            page.mouse.move(0, 0)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                taken = devtools.send("Page.captureScreenshot", options)
                picture = self.folder / f"{name}-{size}-{scheme}.{self.format}"
                picture.write_bytes(base64.b64decode(taken["data"]))
        devtools.detach()


def main() -> int:
    """Take all pictures; return 1 if a page could not be opened."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("site", nargs="?", help="address of a site whose Battle.net is the sandbox")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="its pictures are replaced")
    parser.add_argument("--format", choices=("webp", "png"), default="webp")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these pages")
    options = parser.parse_args()
    if CHROMIUM is None:
        print("Chromium was not found. Install it, or name it in CHROMIUM=.", file=sys.stderr)
        return 1
    with running_demo(options.site) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        if not options.only:
            for picture in options.folder.glob(f"*.{options.format}"):
                picture.unlink()
        options.folder.mkdir(parents=True, exist_ok=True)
        camera = Camera(site, options.folder, options.format, browser)
        take_all(camera, set(options.only or ()))
        browser.close()
    return summarize(camera)


def take_all(camera: Camera, only: set[str]) -> None:
    """Go through the personas, each with their pages."""

    def wanted(screens: Iterable[Screen]) -> list[Screen]:
        return [one for one in screens if not only or one.name in only]

    guild = guild_address(camera.site)
    parts = [
        ("", "en-GB", screens.VISITOR),
        ("guildmaster", "en-GB", screens.GUILD_MASTER),
        ("raider", "en-GB", screens.RAIDER),
        ("newcomer", "en-GB", screens.NEWCOMER),
        ("guildmaster", "fr", screens.IN_FRENCH),
        (SITE_ADMIN, "en-GB", screens.SITE_ADMIN),
    ]
    for persona, locale, pages in parts:
        if not wanted(pages):
            continue
        with camera.window(persona, locale) as page:
            if persona == SITE_ADMIN:
                become_site_admin(page)
            camera.take(page, wanted(pages), guild, suffix="-fr" if locale == "fr" else "")


def guild_address(site: str) -> str:
    """Return the address of the overview of the sandbox's demo guild."""
    login = requests.Session()
    login.trust_env = False
    page = login.get(f"{site}/accounts/login/", timeout=60)
    page.raise_for_status()
    form = {"csrfmiddlewaretoken": login.cookies["csrftoken"]}
    to_battlenet = login.post(f"{site}/accounts/battlenet/login/", form, allow_redirects=False, timeout=60)
    sandbox = to_battlenet.headers["Location"].partition("/authorize")[0]
    guild = login.get(f"{sandbox}/_sandbox/world", timeout=60).json()["demo_guild"]
    return "/guilds/{region}/{realm_slug}/{slug}/".format(**guild)


def become_site_admin(page: Any) -> None:
    """Make the signed-in persona a site admin of the demo."""
    page.goto("/account/")
    battletag = page.locator(".lead").inner_text()
    command = ["-m", "embedded", "exec", "--profile", "demo", "--", "python", "manage.py", "grant_admin", battletag]
    subprocess.run([sys.executable, *command], cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def running_demo(site: str | None) -> Iterator[str]:
    """Yield the address of a running demo; start one if there is none, and end it afterwards."""
    address = site or f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"
    if site or is_ready(address):
        yield address.rstrip("/")
        return
    # In a session of its own, so that Ctrl-C ends this command first.
    demo = subprocess.Popen([sys.executable, "-m", "embedded", "demo"], cwd=CHECKOUT, start_new_session=True)
    try:
        # It says itself when it gives up, which can be long after its first start on a slow machine.
        while not is_ready(address):
            if demo.poll() is not None:
                raise SystemExit("The demo did not start.")
            time.sleep(0.5)
        yield address
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait()


def is_ready(address: str) -> bool:
    """Return whether a site answers there, with workers."""
    try:
        return requests.get(f"{address}/readyz", timeout=10).ok
    except requests.RequestException:
        return False


def summarize(camera: Camera) -> int:
    """Write the list of pictures, print how large they are, and return the exit status."""
    pictures = sorted(camera.folder.glob(f"*.{camera.format}"))
    (camera.folder / "README.md").write_text(table(pictures, camera.format))
    size = sum(picture.stat().st_size for picture in pictures)
    print(f"\n{len(pictures)} pictures, {size / 1e6:.1f} MB, in {camera.folder}")
    for failure in camera.failed:
        print(f"Not taken: {failure}", file=sys.stderr)
    return 1 if camera.failed else 0


def table(pictures: Iterable[Path], suffix: str) -> str:
    """Return a page with links to all pictures, a line for each page of the site."""
    names = sorted({picture.stem.rsplit("-", 2)[0] for picture in pictures})
    kinds = [f"{size}-{scheme}" for size in SIZES for scheme in SCHEMES]
    lines = ["# Pages of the demo", "", "Made by `make screens`; `-fr` is French.", ""]
    lines += ["| page | " + " | ".join(kind.replace("-", ", ") for kind in kinds) + " |", "|---" * 5 + "|"]
    lines += [f"| {name} | " + " | ".join(f"[{k}]({name}-{k}.{suffix})" for k in kinds) + " |" for name in names]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
