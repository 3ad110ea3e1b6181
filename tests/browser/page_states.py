"""The pages of the site and of the admin, each in the states that a person can see it in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth import SESSION_KEY
from django.db.models import Model
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from destiny.loadouts.build import Build, BuildItem
from destiny.loadouts.services import add_loadouts, share_loadout
from destiny.models import Guardian, Item
from destiny.moves.goals import Aim, Goal
from destiny.vendors.wishes import add_wish
from guilds.models import Guild, OfficerNote, TimelineEvent, TodoItem
from permissions.models import Grant
from sync.destiny.moves.services import request_plan
from sync.models import BlizzardJob
from tests.access.rows import ROWS, arguments
from tests.access.test_access import known_of
from tests.access.two_guilds import TwoGuilds
from tests.browser.in_process import ERRORS
from tests.destiny import armory
from tests.destiny.content_files import ITEMS
from tests.destiny.moves.owned import own_of

Act = Callable[[Any], object]
MASTER, ADMIN, MEMBER, OUTSIDER, VISITOR = (
    *("guild master", "site admin", "member (view alone)", "outsider", "not signed in"),
)
# Pages for those who are not signed in.
FOR_VISITORS = ("landing", "account_login", "battlenet_login", "battlenet_callback", "account_inactive")
IN_FRENCH = ("guilds:overview", "guilds:roster", "guilds:member", "guilds:settings", "permissions:ranks", "account")
# Of officers; each has a list, a page of a row, its history and, for notes, the question before deleting.
OFFICERS_LISTS: tuple[type[Model], ...] = (Guild, OfficerNote, TimelineEvent, TodoItem, Grant, BlizzardJob)


@dataclass(frozen=True)
class State:
    """A page, who looks at it, and what they do there before it is judged."""

    title: str
    address: str
    who: str = MASTER
    act: Act | None = None
    language: str = "en"


def submitted(values: dict[str, str], form: str = "main form[method=post]") -> Act:
    """Return an act that fills in a form, whatever the browser thinks of the values, and sends it."""

    def act(page: Any) -> None:
        page.evaluate(
            """([form, values]) => {
                const one = document.querySelector(form);
                for (const [name, value] of Object.entries(values)) one.elements[name].value = value;
                one.noValidate = true;
            }""",
            [form, values],
        )
        with page.expect_navigation():
            page.evaluate("form => document.querySelector(form).requestSubmit()", form)

    return act


def states_of_the_site(two_guilds: TwoGuilds) -> Iterator[State]:
    """Yield every page that has an address, and its other states."""
    things = two_guilds.rows[two_guilds.guild]
    values = arguments(two_guilds.guild, things)
    addresses = {name: reverse(name, kwargs=known_of(name, values)) for name in ROWS}
    for name, address in addresses.items():
        yield State(name, address, VISITOR if name in FOR_VISITORS else MASTER)
    for name in IN_FRENCH:
        yield State(f"{name}, in French", addresses[name], language="fr")
    yield State("landing, in French", addresses["landing"], VISITOR, language="fr")
    yield from _lists(addresses)
    yield from _answers(addresses, reverse("guilds:member", args=(two_guilds.guild, things["held"].character_id)))
    for name in ("home", "characters:mine", "guilds:mine", "account_leave", "account_data"):
        yield State(f"{name}, of somebody without characters", addresses[name], OUTSIDER)
    yield from _destiny(addresses, two_guilds.browsers[OUTSIDER])


def _destiny(addresses: dict[str, str], browser: Client) -> Iterator[State]:
    """Yield the pages of somebody with guardians and items."""
    armory.manifest()
    membership = armory.own_membership(User.objects.get(pk=browser.session[SESSION_KEY]))
    owner = armory.guardian(membership)
    armory.fill(membership, 30)
    item = armory.item(membership, armory.OATH, owner, place=Item.Place.EQUIPPED)
    other = membership.items.filter(item_hash=item.item_hash).exclude(pk=item.pk)[0]
    move = reverse("destiny:item", args=(item.pk,))
    yield State("guardians", addresses["destiny:home"], OUTSIDER)
    yield State("inventory", addresses["destiny:inventory"], OUTSIDER)
    yield State("inventory, duplicates", f"{addresses['destiny:inventory']}?duplicates=on", OUTSIDER)
    yield State("inventory, in French", addresses["destiny:inventory"], OUTSIDER, language="fr")
    yield State("item", move, OUTSIDER)
    yield State("comparison", f"{addresses['destiny:compare']}?item={item.pk}&item={other.pk}", OUTSIDER)
    yield from _loadouts(addresses, owner, item)
    plan = request_plan(own=own_of(membership.account), goals=[Goal(other.pk, Aim.LOCK)])
    yield State("plans of moves", addresses["destiny:moves"], OUTSIDER)
    yield State("plan of moves", reverse("destiny:plan", args=(plan.pk,)), OUTSIDER)
    yield from _vendors(addresses, owner)


def _loadouts(addresses: dict[str, str], owner: Guardian, item: Item) -> Iterator[State]:
    owner.loadouts = [{"name": 1, "icon": 1, "color": 1, "items": [[item.instance_id, []]]}, None]
    owner.save()
    build = Build("Raid night", class_type=owner.class_type, items=(BuildItem(item.item_hash, item.instance_id),))
    (loadout,) = add_loadouts(membership=owner.membership, builds=[build])
    link = share_loadout(loadout=loadout, shows_name=True)
    yield State("loadouts", addresses["destiny:loadouts"], OUTSIDER)
    yield State("loadout", reverse("destiny:loadout", args=(loadout.pk,)), OUTSIDER)
    yield State("loadout builder", reverse("destiny:edit_loadout", args=(loadout.pk,)), OUTSIDER)
    yield State("loadout of the game", reverse("destiny:game_loadout", args=(owner.character_id, 1)), OUTSIDER)
    yield State("shared loadout", reverse("destiny:shared_loadout", args=(link,)), VISITOR)


def _vendors(addresses: dict[str, str], owner: Guardian) -> Iterator[State]:
    account = owner.membership.account
    for who in (owner, None):
        armory.stock(who)
    armory.milestone()
    add_wish(account=account, item_hash=armory.OATH)
    yield State("vendors", addresses["destiny:vendors"], OUTSIDER)
    yield State("vendor", reverse("destiny:vendor", args=(armory.GUNSMITH,)), OUTSIDER)
    yield State("vendors of everybody", addresses["destiny:public_vendors"], VISITOR)
    yield State("vendor of everybody", reverse("destiny:public_vendor", args=(armory.GUNSMITH,)), VISITOR)
    yield State("milestones", addresses["destiny:milestones"], OUTSIDER)
    yield State("wish list", addresses["destiny:wishlist"], OUTSIDER)
    yield State("definition", reverse("destiny:definition", args=(ITEMS, armory.OATH)), VISITOR)


def _lists(addresses: dict[str, str]) -> Iterator[State]:
    roster, timeline = addresses["guilds:roster"], addresses["guilds:timeline"]
    yield State("roster, filtered and sorted", f"{roster}?rank=9&link=unlinked&sort=-level")
    yield State("roster, nobody found", f"{roster}?q=nobody+is+called+that")
    yield State("roster, by player", f"{roster}?rows=players")
    yield State("roster, members selected", roster, act=lambda page: page.locator("tbody input").first.check())
    yield State("timeline, filtered", f"{timeline}?kind=JOINED")
    yield State("timeline, nothing found", f"{timeline}?q=nobody+is+called+that")
    yield State("notes, nothing found", f"{addresses['guilds:notes']}?q=nobody+is+called+that")
    yield State("former members, nobody found", f"{addresses['guilds:former_members']}?q=nobody+is+called+that")
    yield State("new rule from an example", f"{addresses['guilds:new_rule']}?like=remove")


def _answers(addresses: dict[str, str], member: str) -> Iterator[State]:
    """Yield what forms answer, and errors."""
    yield State("member with a player", member)
    yield State("note without a text", member, act=submitted({"text": ""}, "form[action$='/notes/']"))
    settings_form = {"description": "x" * 5000}
    yield State("settings, refused", addresses["guilds:settings"], act=submitted(settings_form))
    yield State("settings, saved", addresses["guilds:settings"], act=submitted({"description": "New"}))
    yield State("new grant, refused", addresses["permissions:new_grant"], act=submitted({"reason": ""}))
    yield State("deletion, refused", addresses["guilds:delete"], act=submitted({}))
    yield State("ranks, preview", addresses["permissions:ranks"], act=submitted({"name-9": "Recruit"}))
    for title, address in {"400": "/?%00", "404": "/nowhere/"}.items():
        yield State(f"error {title}", address)
    yield State("error 403", addresses["guilds:settings"], MEMBER)
    yield State("error 429", addresses["battlenet_login"], VISITOR, act=_too_often)
    for address in ERRORS:
        yield State(f"error page {address}", address, VISITOR)


def _too_often(page: Any) -> None:
    with override_settings(SIGN_IN_RATE="0/m"):
        submitted({})(page)


def states_of_the_admin(two_guilds: TwoGuilds) -> Iterator[State]:
    """Yield every list and a row of each, and the admin's other states."""
    yield State("index", reverse("admin:index"), ADMIN)
    yield State("index, of an officer", reverse("admin:index"))
    yield State("index, in French", reverse("admin:index"), ADMIN, language="fr")
    yield State("an app", reverse("admin:app_list", args=("guilds",)), ADMIN)
    yield State("status", reverse("admin:status"), ADMIN)
    yield State("capacity", reverse("admin:capacity"), ADMIN)
    for model in admin.site._registry:
        yield from _rows_of(model, two_guilds)
    events, notes = _address(TimelineEvent, "changelist"), _address(OfficerNote, "changelist")
    yield State(
        "list, searched and filtered with counts", f"{events}?q=Stranger&kind__exact=JOINED&_facets=True", ADMIN
    )
    yield State("list, nothing found", f"{events}?q=nobody", ADMIN)
    yield State("list, row selected", notes, ADMIN, act=lambda page: page.locator("tbody input").first.check())
    yield State("deletion of several", notes, ADMIN, act=_ask_to_delete)
    note = two_guilds.rows[two_guilds.guild]["note"]
    yield State("deletion", _address(OfficerNote, "delete", note.pk), ADMIN)
    yield State("history", _address(OfficerNote, "history", note.pk), ADMIN)
    yield State("list in French", events, ADMIN, language="fr")
    yield State("row in French", _address(Guild, "change", two_guilds.guild.pk), ADMIN, language="fr")
    yield State("error 403", reverse("admin:index"), MEMBER)
    yield State("error 404", "/admin/nowhere/", ADMIN)
    yield State("sign-in", reverse("admin:login"), VISITOR)


def _rows_of(model: type[Model], two_guilds: TwoGuilds) -> Iterator[State]:
    who = MASTER if model in OFFICERS_LISTS else ADMIN
    own = [one for one in two_guilds.rows[two_guilds.guild].values() if type(one) is model]
    yield State(f"{_name(model)}: list", _address(model, "changelist"), who)
    if row := own[0] if own else model._default_manager.order_by("pk").first():
        yield State(f"{_name(model)}: row", _address(model, "change", row.pk), who)
    if model._meta.label in ("auth.Group", "django_celery_beat.IntervalSchedule", "django_celery_beat.CrontabSchedule"):
        add = _address(model, "add")
        yield State(f"{_name(model)}: new", add, who)
        yield State(f"{_name(model)}: new, refused", add, who, submitted({}, "#content form"))


def _ask_to_delete(page: Any) -> None:
    page.locator("tbody input").first.check()
    page.locator("select[name=action]").select_option("delete_selected")
    with page.expect_navigation():
        page.locator(".actions button").click()


def _name(model: type[Model]) -> str:
    return str(model._meta.verbose_name_plural)


def _address(model: type[Model], page: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)
