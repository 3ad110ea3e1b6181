"""Two days with every kind of change to guilds and members, and several syncs on each.

In between, Battle.net is wrong in every known way. Afterwards our tables match the ground truth, and each event is on
its guild's timeline once.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from characters.models import Character, ProfileState
from guilds.models import Guild, Membership, TimelineEvent
from sync.blizzard.client import BlizzardClient
from sync.engine.errors import NotFound
from sync.engine.rate_limiter import Lane
from sync.management.foreground import sync_account, sync_characters, sync_guild
from sync.models import BlizzardJob
from sync.wow.guilds import SECOND_LOOK
from sync.wow.provider import blizzard, client_for
from tests.battlenet import Sandbox
from tests.sync.ground_truth import our_details, our_roster, true_details, true_roster
from tests.sync.test_outages import let_the_pauses_end

pytestmark = pytest.mark.django_db

Order = dict[str, Any]
DEMO = {"region": "eu", "realm_slug": "tarn-hollow", "slug": "gravel-orchard"}
KETTLE = {"region": "eu", "realm_slug": "quillmarsh", "slug": "second-kettle"}
GREY = {"region": "eu", "realm_slug": "veillée-dardoise", "slug": "étoile-grise"}
HIVE = {"region": "eu", "realm_slug": "severny-brod", "slug": "янтарный-улей"}
BARDRIN = {"region": "eu", "realm_slug": "quillmarsh", "name": "Bardrin"}  # the newcomer's, without a guild
PERSONAS = ("officer", "social", "newcomer")
BURST = (DEMO["slug"], "third-kettle")
SAME = {
    "joined": TimelineEvent.Kind.JOINED,
    "left": TimelineEvent.Kind.LEFT,
    "promoted": TimelineEvent.Kind.PROMOTED,
    "demoted": TimelineEvent.Kind.DEMOTED,
}
OUT = {
    "deleted": TimelineEvent.Kind.LEFT,
    "moved_realm": TimelineEvent.Kind.LEFT,
    "changed_faction": TimelineEvent.Kind.TRANSFERRED,
}


class Drill:
    """The world, the site, and the events expected on its timelines."""

    def __init__(self, sandbox: Sandbox, battlenet: BlizzardClient, users: list[User]) -> None:
        self.sandbox, self.battlenet, self.users = sandbox, battlenet, users
        self.expected: Counter[tuple[Any, str, str]] = Counter()
        # By Blizzard's id, which changes when a guild moves.
        self.rows = dict(Guild.objects.values_list("blizzard_id", "pk"))
        self.touched: set[str] = set()

    def expect(self, guild: Any, kind: str, name: str = "") -> None:
        """Expect one timeline event, unless the site does not know the guild."""
        if guild is not None and guild["id"] in self.rows:
            self.expected[self.rows[guild["id"]], kind, name] += 1

    def let_a_day_pass(self) -> None:
        """Advance the sandbox by a day, with its random events."""
        for event in self.sandbox.advance(1)["events"]:
            self.note(event)

    def do(self, action: str, **details: Any) -> Any:
        """Apply one mutation."""
        (event,) = self.sandbox.mutate(action, **details)["events"]
        self.note(event)
        return event

    def note(self, event: Any) -> None:
        """Return a member's event as expected on the timeline."""
        kind, guild = event["kind"], event["guild"]
        name = event["character"]["name"] if event.get("character") else ""
        self.touched.add(name)
        if kind in SAME | OUT:
            self.expect(guild, (SAME | OUT)[kind], name)
        elif kind == "renamed":
            self.touched.add(event["from"])
            self.expect(guild, TimelineEvent.Kind.RENAMED, event["from"])
        elif kind == "swapped_names":
            self.touched.add(event["other"]["name"])
            self.expect(guild, TimelineEvent.Kind.RENAMED, name)
            self.expect(guild, TimelineEvent.Kind.RENAMED, event["other"]["name"])

    def quiet_members(self, guild: dict[str, str]) -> Iterator[Order]:
        """Return members of middle rank without any change yet, as addressed in mutations."""
        members = self.sandbox.members(guild)
        names = Counter(one["name"] for one in members)
        for one in members:
            is_plain = one["persona"] is None and 2 <= one["rank"] <= 8 and one["level"] > 20 and one["profile"] == 200
            if is_plain and names[one["name"]] == 1 and one["name"] not in self.touched:
                self.touched.add(one["name"])
                yield {key: one[key] for key in ("region", "realm_slug", "name")}

    def sync_rosters(self) -> None:
        """Sync all rosters, new guilds last."""
        for pk in Guild.objects.order_by("created_at").values_list("pk", flat=True):
            guild = Guild.objects.select_related("realm").filter(pk=pk).first()
            if guild is None:
                continue  # it was merged into another
            try:
                sync_guild(client=self.battlenet, guild=guild)
            except NotFound:
                continue

    def sync_people(self) -> None:
        """Sign all players in again."""
        for user in self.users:
            found = sync_account(client=self.battlenet, user=user, regions=["eu"])
            theirs = Character.objects.filter(pk__in=found.character_ids).select_related("realm")
            sync_characters(client=self.battlenet, characters=list(theirs))


@pytest.fixture
def drill(
    game_data: None,
    roster_of: Callable[..., Guild],
    person: Callable[[str], User],
    battlenet: BlizzardClient,
    sandbox: Sandbox,
) -> Drill:
    """Set up four guilds and three players."""
    roster_of()
    roster_of("eu", "quillmarsh", "Second Kettle")
    roster_of("eu", "veillée-dardoise", "Étoile Grise")
    roster_of("eu", "severny-brod", "Янтарный Улей")
    drill = Drill(sandbox, battlenet, [person(name) for name in PERSONAS])
    drill.sync_people()
    TimelineEvent.objects.all().delete()
    return drill


def first_day(drill: Drill) -> None:
    """Change members, and rename a guild whose new name is first seen at a sign-in."""
    drill.let_a_day_pass()
    demo = {"id": drill.sandbox.demo_guild()["id"]}
    members = drill.quiet_members(DEMO)
    drill.do("leave", **next(members))
    drill.do("rank", **next(members), rank=9)
    drill.do("rank", **next(members), rank=1)
    drill.do("rename", **next(members), new_name="Neuername")
    drill.do("change_faction", **next(members))
    drill.do("move_realm", **next(members), new_realm_slug="nachtanger")
    within = next(one for one in members if one["realm_slug"] != "vaeloris")
    drill.sandbox.mutate("move_realm", **within, new_realm_slug="vaeloris")
    drill.expect(demo, TimelineEvent.Kind.TRANSFERRED, within["name"])
    one = next(members)
    drill.do("swap_names", **one, other=next(two for two in members if two["realm_slug"] == one["realm_slug"]))
    switcher = next(members)
    drill.do("join", **switcher, guild=GREY, rank=9)
    drill.expect(demo, TimelineEvent.Kind.LEFT, switcher["name"])
    drill.do("join", **BARDRIN, guild=KETTLE, rank=6)
    renamed = drill.do("rename_guild", guild=KETTLE, new_name="Third Kettle")
    drill.expect(renamed["guild"], TimelineEvent.Kind.GUILD_RENAMED)
    theirs = characters_of(drill, "officer")
    drill.do("transfer_character", **theirs[-1], persona="social")
    drill.expect(demo, TimelineEvent.Kind.LINKED, theirs[-1]["name"])
    drill.do("rename", **theirs[-2], new_name="Zweitname")
    drill.do("transfer_character", **theirs[-3], persona=None)  # sold to a player who never signs in
    take_freed_name(drill, next(members))


def take_freed_name(drill: Drill, member: Order) -> None:
    """Rename a member, and create a stranger's character with the old name, class and level."""
    looks = drill.sandbox._get("truth/character/{region}/{realm_slug}/{name}".format(**member))
    drill.do("rename", **member, new_name="Umbenannt")
    same = {key: looks[key] for key in ("class_id", "race_id", "faction", "level")}
    drill.sandbox.mutate("create_character", **member, **same, persona="newcomer")


def send_wrong_data(drill: Drill) -> None:
    """Let Battle.net send wrong data, each twice in a row, and assert that nothing changes."""
    for members in (0, 300):
        for later in (False, True):
            drill.sandbox.mutate("cut_roster", guild=DEMO, members=members, later=later)
            drill.sync_rosters()
            drill.sync_rosters()
    drill.sandbox.mutate("cut_roster", guild=DEMO, members=None)
    drill.sync_rosters()

    drill.sandbox.set_regions(us="503")
    for user in drill.users:
        sync_account(client=drill.battlenet, user=user, regions=["eu", "us"])
        jobs = dict(BlizzardJob.objects.filter(user=user).values_list("region", "state"))
        assert (jobs["eu"], jobs["us"]) == (BlizzardJob.State.RESTING, BlizzardJob.State.DUE)
    drill.sandbox.set_regions(us="up")

    refuse_everything_for_a_while(drill)


def refuse_everything_for_a_while(drill: Drill) -> None:
    """Refuse members of two guilds with 403 for a while; few are hidden, and those come back."""
    members = [list(Character.objects.filter(membership__guild__slug=slug)[:40]) for slug in BURST]
    mixed = Character.objects.filter(pk__in=[one.pk for pair in zip(*members, strict=False) for one in pair])

    def fetch() -> set[Any]:
        """Fetch characters and return those with a profile, like a new process that knows of no pause yet."""
        sync_characters(client=client_for(Lane.INTERACTIVE), characters=list(mixed.select_related("realm")))
        return set(mixed.filter(profile_state=ProfileState.VISIBLE).values_list("pk", flat=True))

    shown = fetch()
    drill.sandbox.fault(path="/profile/wow/character/", status=403)
    assert len(shown - fetch()) <= 50
    assert blizzard().circuit_breaker().pauses()
    drill.sandbox.clear_faults()
    for _ in range(3):
        let_the_pauses_end()
        seen = fetch()
    assert seen == shown


def second_day(drill: Drill) -> None:
    """Change guilds, and let members return."""
    drill.let_a_day_pass()
    drill.sync_rosters()
    demo = {"id": drill.sandbox.demo_guild()["id"]}
    moved_from = next(one for one in drill.sandbox.world()["guilds"] if one["slug"] == GREY["slug"])
    moved = drill.do("move_guild", guild=GREY, new_realm_slug="nachtanger")
    drill.rows[moved["guild"]["id"]] = drill.rows[moved_from["id"]]
    drill.expect(moved_from, TimelineEvent.Kind.GUILD_MOVED)
    again = drill.do("rename_guild", guild=KETTLE | {"slug": "third-kettle"}, new_name="Fourth Kettle")
    drill.expect(again["guild"], TimelineEvent.Kind.GUILD_RENAMED)
    homeless = drill.sandbox.members(HIVE)
    gone = drill.do("disband_guild", guild=HIVE)
    drill.expect(gone["guild"], TimelineEvent.Kind.GUILD_DISBANDED)
    for member in homeless:
        drill.expect(member["guild"], TimelineEvent.Kind.LEFT, member["name"])
        play_on(drill, member)
    former = Character.objects.filter(
        timeline__kind=TimelineEvent.Kind.LEFT, membership=None, realm__connected_realm_id__gt=0
    )
    back = former.filter(user=None, realm__slug="tarn-hollow").select_related("realm").order_by("name")
    for one in back:
        address = {"region": "eu", "realm_slug": one.realm.slug, "name": one.name}
        truth = drill.sandbox._get(f"truth/character/eu/{one.realm.slug}/{one.name}")
        if truth["id"] == one.blizzard_id:
            drill.do("join", **address, guild=DEMO, rank=9)
            break
    master = next(one for one in drill.sandbox.members(DEMO) if one["rank"] == 0)
    drill.do("rank", **next(drill.quiet_members(DEMO)), rank=0)
    drill.expect(demo, TimelineEvent.Kind.DEMOTED, master["name"])


def play_on(drill: Drill, member: Order) -> None:
    """Log everybody in with later dates, because changes here happen within one second."""
    if member["profile"] == 200:
        for _ in range(10):
            drill.sandbox.mutate("login", **{key: member[key] for key in ("region", "realm_slug", "name")})


def characters_of(drill: Drill, persona: str) -> list[Order]:
    """Return a player's characters in the guild, the main first."""
    mine = [one for one in drill.sandbox.persona(persona)["characters"] if one["guild"]]
    return [{key: one[key] for key in ("region", "realm_slug", "name")} for one in mine]


def test_two_days_of_every_kind_of_change_end_correctly(drill: Drill) -> None:
    first_day(drill)
    for sync in (drill.sync_people, drill.sync_rosters, drill.sync_rosters, drill.sync_people):
        sync()
    send_wrong_data(drill)
    second_day(drill)
    for sync in (drill.sync_rosters, drill.sync_people, drill.sync_rosters):
        sync()
    hive = Guild.objects.get(slug=HIVE["slug"])
    assert hive.memberships.exists()
    Guild.objects.filter(pk=hive.pk).update(not_found_since=timezone.now() - SECOND_LOOK)
    for _ in range(2):
        drill.sync_rosters()

    assert_matches_ground_truth(drill)
    recorded = Counter(TimelineEvent.objects.values_list("guild", "kind", "character_name"))
    print(
        f"\n{recorded.total()} events of {len({kind for _, kind, _ in recorded})} kinds,"
        f" {len(recorded - drill.expected)} too many"
    )
    assert recorded - drill.expected == Counter()
    assert drill.expected - recorded == Counter()
    assert {kind for _, kind, _ in recorded} == {
        *TimelineEvent.MEMBER_KINDS,
        TimelineEvent.Kind.LINKED,
        *GUILD_KINDS_OF_THE_SANDBOX,
    }


# The sandbox's guilds don't change faction.
GUILD_KINDS_OF_THE_SANDBOX = set(TimelineEvent.GUILD_KINDS) - {TimelineEvent.Kind.GUILD_FACTION}


def assert_matches_ground_truth(drill: Drill) -> None:
    """Assert that our tables match the ground truth."""
    guilds = list(Guild.objects.select_related("realm").order_by("name"))
    assert {(one.name, one.realm.slug, one.disbanded_at is not None) for one in guilds} == {
        ("Gravel Orchard", "tarn-hollow", False),
        ("Fourth Kettle", "quillmarsh", False),
        ("Étoile Grise", "nachtanger", False),
        ("Янтарный Улей", "severny-brod", True),
    }
    assert {one.pk for one in guilds} == set(drill.rows.values())
    for guild in guilds:
        ours = our_roster(guild)
        assert ours == (set() if guild.disbanded_at else true_roster(drill.sandbox, guild)), guild
        assert len(ours) == guild.memberships.count()
    addresses = Character.objects.values("region", "realm", "blizzard_id").annotate(times=Count("pk"))
    assert not addresses.filter(times__gt=1, membership__isnull=False).exists()
    for user, persona in zip(drill.users, PERSONAS, strict=True):
        truth = drill.sandbox._get(f"truth/account/{persona}")["characters"]
        ours = set(Character.objects.of(user).values_list("blizzard_id", "name", "realm__slug"))
        assert ours == {(one["id"], one["name"], one["realm_slug"]) for one in truth if one["region"] == "eu"}
    kettle = next(one for one in guilds if one.name == "Fourth Kettle")
    members = list(Character.objects.filter(membership__guild=kettle).select_related("realm"))
    sync_characters(client=drill.battlenet, characters=members)
    assert our_details(kettle) == true_details(drill.sandbox, kettle)
    assert Membership.objects.exclude(main_of=None).count() == 3
    assert not BlizzardJob.objects.failed().exists()
