"""The officers' actions on the site, through the same services as the pages."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from guilds.away.leaves import add_own_leave, note_leave
from guilds.away.rule import Action, Measure
from guilds.away.services import add_rule
from guilds.edit_conflict import version_of
from guilds.mains import set_main
from guilds.models import Guild, Membership, TodoItem, Visibility
from guilds.notes.services import add_note
from guilds.settings.services import change_info, info_of
from guilds.todo.services import add_items
from permissions.prepared_sets import CO_LEADER, MEMBER, OFFICER
from permissions.services import give_grant, ranks_version, set_up_ranks

MAINS_WITH_ALTS = 60
RANKS = (
    ("Orchard Keeper", MEMBER), ("Warden", CO_LEADER), ("Officer", OFFICER), ("Core Raider", MEMBER),
    ("Raider", MEMBER), ("Member", MEMBER), ("Alt", MEMBER), ("Social", MEMBER), ("Trial", MEMBER), ("Sapling", MEMBER),
)  # fmt: skip
DESCRIPTION = (
    "Heroic raids on Wednesdays and Sundays, cider on Fridays. Founded by six friends and a very patient healer."
)
RECRUITING = (
    "We look for one healer and two ranged damage dealers for our Wednesday and Sunday raids, 20:00 to 23:00 server"
    " time.\n\nTalk to a Warden in the game, or read the rules on our Discord first."
)
LINKS = (("Discord", "https://discord.example/orchard"), ("Logs", "https://logs.example/guild/orchard"))
NOTES = (
    "Asked for a break until the exams are over. Keep the raid spot.",
    "Trial since last week: good positioning, parses grow with every pull.",
    "Brings potions for everybody. Say thank you.",
    "Would like to switch to healing next season.",
    "Second warning for loot drama. The third one is the last.",
    "Helps new members with their talents, ask before handing over class lead.",
    "Works shifts: can only raid every second Wednesday.",
    "Was an officer in another guild, knows the addon setup.",
    "Best Mythic+ tank we have below rank Raider. Promote after the trial.",
    "Account is shared with a brother. Ask who is playing before pulling.",
    "No microphone, reads chat in fights. Fine for us.",
    "Owes the guild bank a crafting order.",
)
RULES: tuple[dict[str, Any], ...] = (
    {"name": "Not seen for a month", "action": Action.WARN, "days": 30, "ranks": [3, 4, 5], "per_player": True},
    {"name": "Not seen for 90 days", "action": Action.REMOVE, "days": 90, "ranks": [5, 6, 7, 8, 9], "per_player": True},
    {"name": "Two months in the guild", "action": Action.PROMOTE, "days": 60, "ranks": [9], "per_player": False},
)
REASONS = {
    TodoItem.Kind.PROMOTE: "passed the trial",
    TodoItem.Kind.DEMOTE: "agreed to a break",
    TodoItem.Kind.REMOVE: "inactive for months",
}


def set_up(guild: Guild, master: User) -> None:
    """Name the ranks, choose which are officers, and describe the guild, as on the first evening."""
    set_up_ranks(
        guild=guild,
        actor=master,
        names={level: name for level, (name, _) in enumerate(RANKS)},
        roles={level: role for level, (_, role) in enumerate(RANKS) if level},
        version=ranks_version(guild),
    )
    info = {
        "description": DESCRIPTION,
        "recruiting": RECRUITING,
        "links": [{"label": label, "url": url} for label, url in LINKS],
        "visibility": Visibility.MEMBERS,
    }
    change_info(guild=guild, actor=master, info=info, version=version_of(info_of(guild)))


def write_note(guild: Guild, officer: User, number: int) -> None:
    """Write the next note: most about somebody who never signed in, some about a player."""
    linked = number % 4 == 3
    members = _members(guild).filter(character__user__isnull=not linked, rank__gte=3).exclude(character__user=officer)
    member = members[number * 7 % members.count()]
    add_note(guild=guild, actor=officer, membership=member, text=NOTES[number % len(NOTES)], about_person=linked)


def note_alts(guild: Guild) -> None:
    """Note alts of raiders who never signed in; as rows, since the service takes one at a time."""
    unlinked = _members(guild).filter(character__user=None)
    mains = list(unlinked.filter(rank__in=(3, 4))[:MAINS_WITH_ALTS])
    alts = list(unlinked.filter(rank__in=(6, 7))[: 2 * len(mains)])
    for number, alt in enumerate(alts):
        alt.noted_main = mains[number * number % len(mains)]
    Membership.objects.bulk_update(alts, ["noted_main"])


def plan(guild: Guild, officer: User, kind: TodoItem.Kind, members: Iterable[Membership], to_rank: int | None) -> None:
    """Put the same change of these members on the to-do list."""
    add_items(guild=guild, actor=officer, members=members, kind=kind, to_rank=to_rank, reason=REASONS[kind])


def plan_for_next_week(guild: Guild, officer: User) -> None:
    """Leave something on the to-do list: promotions, a demotion, and removals of those who are away longest."""
    unlinked = _members(guild).filter(character__user=None)
    plan(guild, officer, TodoItem.Kind.PROMOTE, unlinked.filter(rank=8)[:4], 5)
    plan(guild, officer, TodoItem.Kind.DEMOTE, unlinked.filter(rank=4)[:1], 7)
    plan(guild, officer, TodoItem.Kind.REMOVE, unlinked.filter(rank=9)[:5], None)


def set_rules(guild: Guild, officer: User) -> None:
    """Warn after 30 days, remove after 90, promote who stays for 60."""
    for rule in RULES:
        is_promotion = rule["action"] == Action.PROMOTE
        terms = {
            "to_rank": 7 if is_promotion else None,
            "measure": Measure.IN_GUILD if is_promotion else Measure.NOT_SEEN,
            **rule,
        }
        add_rule(guild=guild, actor=officer, terms=terms, exempt=())


def go_on_leave(guild: Guild, officer: User, person: User) -> None:
    """Let a player announce a leave, and an officer note those of two raiders who told them in the game."""
    today = timezone.localdate()
    until = today + timedelta(days=21)
    add_own_leave(person=person, starts_on=today, ends_on=until, reason="Moving house, no internet until then.")
    for member in _members(guild).filter(character__user=None, rank=4)[20:22]:
        note_leave(
            guild=guild,
            actor=officer,
            membership=member,
            starts_on=today,
            ends_on=until,
            reason="Exams.",
        )


def grant_for_a_raid(guild: Guild, master: User, person: User) -> None:
    """Let a player who is no officer keep the roster for a while."""
    give_grant(
        guild=guild,
        actor=master,
        person=person,
        rights=frozenset({"guilds.read_notes", "guilds.manage_roster"}),
        reason="Stands in for the roster officer during the holidays.",
        expires_at=timezone.now() + timedelta(days=30),
    )


def choose_main(guild: Guild, person: User) -> None:
    """Let a player choose the second of their characters as main."""
    places: Sequence[Membership] = Membership.objects.own_places(person, guild)
    set_main(guild=guild, actor=person, person=person, membership=places[1])


def _members(guild: Guild) -> "QuerySet[Membership]":
    """Return the members in an order that is the same in each demo."""
    return guild.memberships.select_related("character__realm").order_by("character__name", "character__realm")
