"""Columns of payloads: applying the difference leaves none, and touches no other column."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from characters.models import Character, ProfileState
from guilds.models import Guild, Membership
from sync.blizzard.payloads import AccountCharacter, CharacterSummary, GuildProfile, RealmRef, RosterMember
from sync.engine.bulk import Columns, assign, diff
from sync.wow import columns

FEW = st.integers(1, 3)
NAMES = st.sampled_from(["Nestabeth", "Sylengan", "Nestabeth~5"])
FACTIONS = st.sampled_from(["ALLIANCE", "HORDE", ""])
GENDERS = st.sampled_from(["FEMALE", "MALE", ""])
TIMES = st.none() | st.datetimes()
REALMS = st.builds(RealmRef, id=FEW, slug=st.just("tarn-hollow"), name=st.just("Tarn Hollow"))
LISTED = {"id": FEW, "name": NAMES, "realm": REALMS, "level": FEW, "class_id": FEW, "race_id": FEW, "faction": FACTIONS}

MEMBERS = st.builds(RosterMember, **LISTED, rank=FEW)
ACCOUNT_CHARACTERS = st.builds(AccountCharacter, **LISTED, wow_account_id=FEW, gender=GENDERS)
SUMMARIES = st.builds(
    CharacterSummary,
    **LISTED,
    gender=GENDERS,
    spec_id=st.none() | FEW,
    spec_name=st.just("Holy"),
    guild=st.none(),
    average_item_level=st.none() | FEW,
    equipped_item_level=st.none() | FEW,
    last_login_at=TIMES,
)
PROFILES = st.builds(
    GuildProfile,
    id=FEW,
    name=NAMES,
    realm=REALMS,
    faction=FACTIONS,
    member_count=FEW,
    achievement_points=FEW,
    founded_at=TIMES,
    crest=st.sampled_from([{}, {"emblem": {"id": 1}}]),
)
CHARACTERS = st.builds(
    Character,
    user_id=st.none() | FEW,
    wow_account_id=st.none() | FEW,
    account_blizzard_id=st.none() | FEW,
    blizzard_id=FEW,
    name=NAMES,
    realm_id=FEW,
    level=st.none() | FEW,
    playable_class_id=st.none() | FEW,
    playable_race_id=st.none() | FEW,
    gender=GENDERS,
    faction=FACTIONS,
    active_spec_id=st.none() | FEW,
    profile_state=st.sampled_from(ProfileState),
    last_modified=TIMES,
)
GUILDS = st.builds(Guild, blizzard_id=FEW, name=NAMES, faction=FACTIONS, member_count=st.none() | FEW)
MEMBERSHIPS = st.builds(Membership, rank=FEW, roster_blizzard_id=st.none() | FEW)


def of_account_character(row: Character, listed: AccountCharacter) -> Columns:
    hashes = {"mounts_hash": "1", "toys_hash": "2"}
    return columns.of_account_character(row, listed, user_id=2, blizzard_id=listed.id, **hashes)


def of_guild_identity(row: Guild, profile: GuildProfile) -> Columns:
    return columns.of_guild_identity(row, profile, realm_id=profile.realm.id, slug="gravel-orchard")


# A function of a row and a payload, with rows and payloads.
MAPPINGS: list[Any] = [
    pytest.param(columns.of_roster_member, CHARACTERS, MEMBERS, id="roster member"),
    pytest.param(lambda _, member: columns.of_membership(member), MEMBERSHIPS, MEMBERS, id="membership"),
    pytest.param(of_account_character, CHARACTERS, ACCOUNT_CHARACTERS, id="account character"),
    pytest.param(lambda row, one: columns.of_summary(row, one, "TANK"), CHARACTERS, SUMMARIES, id="summary"),
    pytest.param(of_guild_identity, GUILDS, PROFILES, id="guild identity"),
    pytest.param(lambda _, profile: columns.of_guild_profile(profile), GUILDS, PROFILES, id="guild profile"),
]


def values_of(row: models.Model) -> dict[str, Any]:
    stored = [field for field in row._meta.concrete_fields if not field.generated]
    return {field.attname: getattr(row, field.attname) for field in stored}


@pytest.mark.parametrize(("mapping", "rows", "payloads"), MAPPINGS)
@given(data=st.data())
def test_a_payload_that_was_written_differs_in_nothing(mapping: Any, rows: Any, payloads: Any, data: Any) -> None:
    row, payload = data.draw(rows), data.draw(payloads)
    before, wanted = values_of(row), mapping(row, payload)
    changed = diff(row, wanted)
    assert values_of(row) == before, "comparing changes nothing"
    after = values_of(assign(row, changed))
    assert {name for name in after if after[name] != before[name]} == changed.keys() <= wanted.keys()
    assert diff(row, mapping(row, payload)) == {}


@given(row=CHARACTERS, member=MEMBERS)
def test_a_faction_that_the_roster_leaves_out_is_kept(row: Character, member: RosterMember) -> None:
    assert columns.of_roster_member(row, replace(member, faction=""))["faction"] == row.faction


@given(row=CHARACTERS, member=MEMBERS)
def test_another_id_resets_the_time_of_the_profile(row: Character, member: RosterMember) -> None:
    kept = columns.of_roster_member(row, member)["last_modified"]
    assert kept == (row.last_modified if row.blizzard_id == member.id else None)
