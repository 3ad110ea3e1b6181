"""The part of the control page that is about Bungie.net."""

from sandbox.bungie.content import FAULTS
from sandbox.bungie.state import MAINTENANCE_FORMS, Bungie
from sandbox.forms import form, input_field, same, select_field
from sandbox.pages import table

_ACTIVITIES = (("", "offline"), ("orbit", "orbit"), ("40", "social space"), ("3", "strike"), ("4", "raid"))


def bungie_controls(bungie: Bungie) -> str:
    """Return forms and statistics as HTML."""
    return _site(bungie) + _people(bungie) + _content(bungie) + _stats(bungie)


def _site(bungie: Bungie) -> str:
    forms = [("", "up"), *same(MAINTENANCE_FORMS)]
    accounts = bungie.accounts
    return (
        form(
            "Maintenance", "bungie/maintenance", select_field("Answers", "form", forms, bungie.maintenance or ""), "Set"
        )
        + form(
            "Reads",
            "bungie/accounts",
            input_field("Cached for (s)", "cache_seconds", f"{accounts.cache_seconds:g}")
            + input_field("Writes visible after (s)", "lag_seconds", f"{accounts.lag_seconds:g}"),
            "Set",
        )
        + form("Clock", "bungie/clock", input_field("Seconds", "seconds", "3600"), "Move forward")
    )


def _people(bungie: Bungie) -> str:
    personas = [("", "everybody"), *same(bungie.people)]
    guardians = [
        (str(guardian.id), f"{person.name}, character {place + 1} of {membership.display_name}")
        for person in bungie.people.values()
        for membership in person.memberships
        for place, guardian in enumerate(bungie.accounts.of(membership).guardians.values())
    ]
    chosen = select_field("Persona", "persona", personas)
    activity = select_field("Character", "guardian", guardians) + select_field("Is in", "mode", _ACTIVITIES)
    return (
        form("Access tokens", "bungie/tokens/expire", chosen, "Expire")
        + form("Authorizations", "bungie/tokens/revoke", chosen, "Revoke")
        + form("Activity", "bungie/activity", activity, "Set")
    )


def _content(bungie: Bungie) -> str:
    version = f"<p>{bungie.content.edition.version}, revision {bungie.content.edition.revision}</p>\n"
    replaced = select_field("Version", "same_version", (("false", "new"), ("true", "the same, with new files")))
    fault = bungie.content.fault
    broken = select_field("Files", "fault", [("", "whole"), *same(FAULTS)], fault.name if fault else "")
    broken += select_field("Kind", "kind", [("", "all"), *same(("sqlite", "json"))]) + input_field("Times", "times")
    return form("Manifest", "bungie/content/edition", version + replaced, "Publish") + form(
        "Content files", "bungie/content/fault", broken, "Set"
    )


def _stats(bungie: Bungie) -> str:
    stats = bungie.stats.as_json()
    limit = bungie.options.bungie_rate_per_10_seconds
    rows = [
        ("Platform requests", str(stats["requests"])),
        ("Busiest 10 seconds", f"{stats['busiest_10_seconds']} of {limit}"),
        ("Actions", str(len(bungie.actions.received))),
        ("Actions too early", str(bungie.actions.too_early.total())),
    ]
    tables = (
        table(title, [(str(name), str(count)) for name, count in stats[key].items()])
        for title, key in (
            ("By endpoint", "by_endpoint"),
            ("By error code", "by_code"),
            ("OAuth", "oauth"),
            ("Content files", "content"),
        )
    )
    return table("Total", rows) + "".join(tables)
