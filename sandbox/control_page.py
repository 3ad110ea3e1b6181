"""The control page: statistics, and forms for the control API."""

import json
from html import escape

from sandbox.bungie.control_page import bungie_controls
from sandbox.faults import BODIES, Fault
from sandbox.forms import form, hidden_field, input_field, same, select_field
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
    switches = _regions(sandbox) + _other_region(sandbox) + _rosters(sandbox) + _world()
    battlenet = switches + stats_tables(sandbox.stats.as_json(), limits)
    bungie = bungie_controls(sandbox.bungie)
    return titled_page(
        "Sandbox controls", f"{_faults(sandbox)}<h2>Battle.net</h2>\n{battlenet}<h2>Bungie.net</h2>\n{bungie}"
    )


def _regions(sandbox: Sandbox) -> str:
    fields = "".join(select_field(one, one, same(STATES), sandbox.regions.states[one]) for one in REGIONS)
    return form("Regions", "regions", fields, "Set regions")


def _other_region(sandbox: Sandbox) -> str:
    fields = (
        hidden_field("action", "play_in_region")
        + select_field("Persona", "persona", same(sandbox.world.personas))
        + select_field("Region", "region", same(_OTHER_REGIONS))
        + input_field("Characters", "characters", "4")
    )
    return form("Play in another region", "mutate", fields, "Add characters")


def _faults(sandbox: Sandbox) -> str:
    fields = (
        input_field("Path (regular expression)", "path", "/profile/wow/character/")
        + select_field("Region", "region", [("", "all"), *same(REGIONS)])
        + input_field("Status", "status")
        + input_field("Times", "times")
        + input_field("Share", "share")
        + input_field("Delay (ms)", "delay_ms")
        + select_field("Body", "body", [("", "unchanged"), *same(BODIES)])
        + select_field("Defect of a malformed body", "defect", [("", "none"), *same(DEFECTS)])
        + input_field("Error code (Bungie)", "code")
        + input_field("Seconds to wait (Bungie)", "wait_seconds")
        + input_field("Empty component (Bungie)", "component")
        + select_field("Fails", "after", (("", "before it is done"), ("true", "after it was done")))
    )
    active = "".join(f"<li><code>{escape(_fault_json(fault))}</code></li>" for fault in sandbox.faults.active)
    listed = f"<ul>{active}</ul>\n" if active else ""
    return form("Faults", "faults", fields, "Add fault") + form("Active faults", "faults/clear", listed, "Clear faults")


def _fault_json(fault: Fault) -> str:
    return json.dumps(fault.as_json())


def _rosters(sandbox: Sandbox) -> str:
    guilds = [
        (json.dumps({"region": one["region"], "realm_slug": one["realm_slug"], "slug": one["slug"]}), one["name"])
        for one in map(describe_guild, sandbox.world.guilds.values())
    ]
    fields = (
        hidden_field("action", "cut_roster")
        + select_field("Guild", "guild", guilds)
        + input_field("Members listed (null: all)", "members", "0")
        + select_field("Later Last-Modified", "later", same(("true", "false")))
    )
    return form("Cut a roster", "mutate", fields, "Cut roster")


def _world() -> str:
    return (
        form("World", "advance", input_field("Days", "days", "1"), "Advance")
        + form("Tokens", "tokens/expire", "", "Expire all user tokens")
        + form("Reset", "reset", hidden_field("world", "true") + hidden_field("tokens", "true"), "Reset everything")
    )
