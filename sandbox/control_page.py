"""The control page: statistics, and forms for the control API."""

import json
from collections.abc import Iterable
from html import escape

from sandbox.faults import BODIES, Fault
from sandbox.malformed import DEFECTS
from sandbox.pages import stats_tables, titled_page
from sandbox.regions import STATES
from sandbox.state import Sandbox
from sandbox.world.changes import describe_guild
from sandbox.world.models import REGIONS

_OTHER_REGIONS = ("kr", "tw", "us", "eu")


def control_page(sandbox: Sandbox) -> str:
    """Return the page as HTML. Each form posts to one control."""
    limits = sandbox.options.rate_per_second, sandbox.options.rate_per_hour
    switches = _regions(sandbox) + _other_region(sandbox) + _faults(sandbox) + _rosters(sandbox) + _world()
    return titled_page("Sandbox controls", switches + stats_tables(sandbox.stats.as_json(), limits))


def _form(title: str, control: str, fields: str, button: str) -> str:
    return (
        f'<form method="post" action="/_sandbox/{control}">\n<fieldset>\n<legend>{escape(title)}</legend>\n{fields}'
        f"<button>{escape(button)}</button>\n</fieldset>\n</form>\n"
    )


def _select(label: str, name: str, choices: Iterable[tuple[str, str]], chosen: str = "") -> str:
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in choices
    )
    return f'<label>{escape(label)} <select name="{escape(name)}">{options}</select></label>\n'


def _input(label: str, name: str, value: str = "") -> str:
    return f'<label>{escape(label)} <input name="{escape(name)}" value="{escape(value)}"></label>\n'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n'


def _same(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


def _regions(sandbox: Sandbox) -> str:
    fields = "".join(_select(one, one, _same(STATES), sandbox.regions.states[one]) for one in REGIONS)
    return _form("Regions", "regions", fields, "Set regions")


def _other_region(sandbox: Sandbox) -> str:
    fields = (
        _hidden("action", "play_in_region")
        + _select("Persona", "persona", _same(sandbox.world.personas))
        + _select("Region", "region", _same(_OTHER_REGIONS))
        + _input("Characters", "characters", "4")
    )
    return _form("Play in another region", "mutate", fields, "Add characters")


def _faults(sandbox: Sandbox) -> str:
    fields = (
        _input("Path (regular expression)", "path", "/profile/wow/character/")
        + _select("Region", "region", [("", "all"), *_same(REGIONS)])
        + _input("Status", "status")
        + _input("Times", "times")
        + _input("Share", "share")
        + _input("Delay (ms)", "delay_ms")
        + _select("Body", "body", [("", "unchanged"), *_same(BODIES)])
        + _select("Defect of a malformed body", "defect", [("", "none"), *_same(DEFECTS)])
    )
    active = "".join(f"<li><code>{escape(_fault_json(fault))}</code></li>" for fault in sandbox.faults.active)
    listed = f"<ul>{active}</ul>\n" if active else ""
    return _form("Faults", "faults", fields, "Add fault") + _form(
        "Active faults", "faults/clear", listed, "Clear faults"
    )


def _fault_json(fault: Fault) -> str:
    return json.dumps(fault.as_json())


def _rosters(sandbox: Sandbox) -> str:
    guilds = [
        (json.dumps({"region": one["region"], "realm_slug": one["realm_slug"], "slug": one["slug"]}), one["name"])
        for one in map(describe_guild, sandbox.world.guilds.values())
    ]
    fields = (
        _hidden("action", "cut_roster")
        + _select("Guild", "guild", guilds)
        + _input("Members listed (null: all)", "members", "0")
        + _select("Later Last-Modified", "later", _same(("true", "false")))
    )
    return _form("Cut a roster", "mutate", fields, "Cut roster")


def _world() -> str:
    return (
        _form("World", "advance", _input("Days", "days", "1"), "Advance")
        + _form("Tokens", "tokens/expire", "", "Expire all user tokens")
        + _form("Reset", "reset", _hidden("world", "true") + _hidden("tokens", "true"), "Reset everything")
    )
