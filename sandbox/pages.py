"""HTML pages of the sandbox, clearly marked as not Battle.net or Bungie.net."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """A persona on a sign-in page: its name in the sandbox, and how the service calls it."""

    name: str
    tag: str
    description: str


_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 44rem; margin: 0 auto; padding: 1rem; }
.notice { background: #ffd54a; color: #241c00; padding: .6rem 1rem; text-align: center; font-weight: 600; margin: 0; }
fieldset { border: 1px solid #8888; border-radius: .4rem; margin: 0 0 1rem; }
label { display: block; padding: .3rem 0; }
button { font: inherit; padding: .5rem 1.2rem; margin-right: .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
input, select { font: inherit; max-width: 100%; }
td:last-child { text-align: right; font-variant-numeric: tabular-nums; }
"""


def titled_page(title: str, content: str) -> str:
    """Return a page with this title."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)} - Sandbox</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<p class="notice" role="note">Sandbox: not the real Battle.net or Bungie.net</p>\n'
        f"<main>\n<h1>{escape(title)}</h1>\n{content}\n</main>\n</body>\n</html>\n"
    )


def message_page(title: str, message: str) -> str:
    """Return a page with a short message."""
    return titled_page(title, f"<p>{escape(message)}</p>")


def consent_page(
    choices: Iterable[Choice], client_id: str, action: str, hidden: Mapping[str, str], extra: str = ""
) -> str:
    """Return the page to choose a persona. ``hidden`` are fields to post back; ``extra`` is HTML before the buttons."""
    carried = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n' for name, value in hidden.items()
    )
    people = "".join(_choice(one, is_first=number == 0) for number, one in enumerate(choices))
    form = (
        f'<form method="post" action="{escape(action)}">\n{carried}'
        f"<fieldset>\n<legend>Sign in as</legend>\n{people}</fieldset>\n{extra}"
        f'<button name="decision" value="allow">Allow</button>\n'
        f'<button name="decision" value="deny">Deny</button>\n</form>'
    )
    return titled_page("Sign in", f"<p><strong>{escape(client_id)}</strong> asks you to sign in.</p>\n{form}")


def _choice(one: Choice, *, is_first: bool) -> str:
    checked = " checked" if is_first else ""
    return (
        f'<label><input type="radio" name="persona" value="{escape(one.name)}"{checked}> '
        f"<strong>{escape(one.tag)}</strong> ({escape(one.name)}): {escape(one.description)}</label>\n"
    )


def scope_box(scopes: Iterable[str]) -> str:
    """Return the box in which sharing characters can be unticked, if it is among the scopes."""
    if "wow.profile" not in scopes:
        return ""
    return (
        "<fieldset>\n<legend>Share</legend>\n"
        '<label><input type="checkbox" name="wow.profile" value="on" checked> '
        "your World of Warcraft characters (wow.profile)</label>\n</fieldset>\n"
    )


def stats_tables(stats: Mapping[str, Any], limits: tuple[int, int]) -> str:
    """Return the request statistics as tables."""
    per_second, per_hour = limits
    rows = [
        ("API requests", str(stats["requests"])),
        ("Busiest second", f"{stats['busiest_second']} of {per_second}"),
        ("Busiest hour", f"{stats['busiest_hour']} of {per_hour}"),
        ("Refused (429)", str(stats["refused"])),
        ("Unauthorized (401)", str(stats["unauthorized"])),
    ]
    tables = "".join(
        table(title, [(str(name), str(count)) for name, count in stats[key].items()])
        for title, key in (
            ("By endpoint", "by_endpoint"),
            ("By status", "by_status"),
            ("OAuth", "oauth"),
            ("Most requested", "by_path"),
        )
    )
    return table("Total", rows) + tables


def table(title: str, rows: list[tuple[str, str]]) -> str:
    """Return a table with a heading; it says so if there are no rows."""
    body = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(count)}</td></tr>\n' for name, count in rows)
    return f"<h3>{escape(title)}</h3>\n<table>\n{body or '<tr><td>None yet</td></tr>'}</table>\n"
