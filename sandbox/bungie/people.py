"""The people who play Destiny: their Bungie.net accounts and platform memberships."""

from dataclasses import dataclass, field

XBOX, PSN, STEAM, EPIC, BUNGIE_NEXT, ALL = 1, 2, 3, 6, 254, -1


@dataclass(slots=True, eq=False)
class Membership:
    """A platform account. One without ``has_destiny`` never played: asking for its profile is an error.

    ``guardians`` is the number of its characters; ``minutes_ago`` is when it last played.
    """

    person: "Person"
    type: int
    id: int
    display_name: str
    guardians: int = 0
    items: int = 0
    has_destiny: bool = True
    is_public: bool = True
    minutes_ago: int = 90


@dataclass(slots=True, eq=False)
class Person:
    """A Bungie.net account. ``cross_save`` is the primary membership, if cross save is active.

    ``name`` is the persona's; ``bungie_name`` is empty for accounts that have none yet.
    """

    name: str
    bungie_id: int
    bungie_name: str
    code: int
    description: str
    memberships: list[Membership] = field(default_factory=list)
    cross_save: Membership | None = None

    def add(self, kind: int, **details: object) -> Membership:
        """Add a membership of this platform."""
        number = 4_611_686_018_500_000_000 + (self.bungie_id % 100_000) * 1_000 + kind
        display_name = f"{self.bungie_name or self.name.title()}{_SUFFIXES[kind]}"
        membership = Membership(self, kind, number, display_name)
        for key, value in details.items():
            setattr(membership, key, value)
        self.memberships.append(membership)
        return membership


_SUFFIXES = {XBOX: " X", PSN: "_ps", STEAM: "", EPIC: ".epic"}


def new_people() -> dict[str, Person]:
    """Return all personas by name. Most have the name of the Battle.net persona who is the same person."""
    people: dict[str, Person] = {}

    def person(name: str, bungie_id: int, bungie_name: str, code: int, description: str) -> Person:
        return people.setdefault(name, Person(name, bungie_id, bungie_name, code, description))

    one = person("guildmaster", 20_100_101, "Thistledown", 2764, "Three guardians and 900 items, on Steam.")
    one.add(STEAM, guardians=3, items=900, minutes_ago=12)
    one = person("officer", 20_100_202, "Morwick", 1185, "Three guardians under cross save of three platforms.")
    one.cross_save = one.add(STEAM, guardians=3, items=350)
    one.add(XBOX, has_destiny=False)
    one.add(PSN, guardians=1, items=40, minutes_ago=900_000)
    one = person("raider", 20_100_303, "Jörunn", 1734, "Xbox and Steam without cross save.")
    one.add(XBOX, guardians=2, items=200, minutes_ago=60 * 24 * 3)
    one.add(STEAM, guardians=1, items=120)
    one = person("social", 20_100_404, "Pebblecup", 902, "One guardian; the account is private.")
    one.add(PSN, guardians=1, items=80, is_public=False)
    person("newcomer", 20_100_505, "Hazelmere", 2291, "A new account without a guardian.").add(EPIC)
    one = person("nodestiny", 20_100_606, "Ledgerman", 1440, "A Bungie.net account without Destiny 2.")
    one.add(STEAM, has_destiny=False)
    one = person("wanderer", 20_100_707, "Sootwick", 77, "Plays only Destiny, with one guardian.")
    one.add(STEAM, guardians=1, items=150)
    one = person("nameless", 20_100_808, "", 0, "An old account that never got a Bungie name.")
    one.add(PSN, guardians=1, items=60, minutes_ago=2_000_000)
    return people
