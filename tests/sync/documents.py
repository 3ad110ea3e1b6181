"""Small invented responses in Battle.net's form, with every field that we read."""

from typing import Any

from sync.blizzard import game_data, media, payloads

Json = dict[str, Any]

REALM: Json = {"key": {"href": "…"}, "name": "Tarn Hollow", "id": 3701, "slug": "tarn-hollow"}
GUILD: Json = {"name": "Gravel Orchard", "id": 7, "realm": REALM, "faction": {"type": "ALLIANCE", "name": "Alliance"}}
COLOR: Json = {"color": {"id": 1, "rgba": {"r": 1, "g": 2, "b": 3, "a": 1.0}}}

ACCOUNT: Json = {
    "id": 1,
    "wow_accounts": [
        {
            "id": 11,
            "characters": [
                {
                    "name": "Nestabeth",
                    "id": 5,
                    "realm": REALM,
                    "playable_class": {"id": 2},
                    "playable_race": {"id": 3},
                    "gender": {"type": "FEMALE"},
                    "faction": {"type": "ALLIANCE"},
                    "level": 90,
                }
            ],
        }
    ],
}
CHARACTER: Json = {
    "id": 5,
    "name": "Nestabeth",
    "gender": {"type": "FEMALE"},
    "faction": {"type": "ALLIANCE"},
    "race": {"id": 3},
    "character_class": {"id": 2},
    "active_spec": {"name": "Holy", "id": 65},
    "realm": REALM,
    "guild": GUILD,
    "level": 90,
    "last_login_timestamp": 1_794_537_189_000,
    "average_item_level": 280,
    "equipped_item_level": 278,
}
ROSTER: Json = {
    "guild": GUILD,
    "members": [
        {
            "character": {
                "name": "Nestabeth",
                "id": 5,
                "realm": {"id": 3701, "slug": "tarn-hollow"},
                "level": 90,
                "playable_class": {"id": 2},
                "playable_race": {"id": 3},
                "faction": {"type": "ALLIANCE"},
            },
            "rank": 0,
        }
    ],
}
GUILD_PROFILE: Json = GUILD | {
    "member_count": 1000,
    "achievement_points": 2895,
    "created_timestamp": 1_294_537_189_000,
    "crest": {"emblem": {"id": 1, **COLOR}, "border": {"id": 2, **COLOR}, "background": COLOR},
}
CONNECTED_REALM: Json = {
    "id": 3700,
    "realms": [REALM | {"category": "English", "locale": "enGB", "timezone": "Europe/Paris"}],
}
CONNECTED_REALM_INDEX: Json = {"connected_realms": [{"href": "https://h/data/wow/connected-realm/3700?namespace=n"}]}

# Parsers with a document, and its required fields as paths.
PARSERS: list[tuple[str, Any, Json, list[str]]] = [
    (
        "account",
        payloads.AccountProfile.from_json,
        ACCOUNT,
        [
            "wow_accounts/0/id",
            *(
                f"wow_accounts/0/characters/0/{field}"
                for field in ("id", "name", "realm", "realm/id", "realm/slug", "level", "playable_class/id")
            ),
        ],
    ),
    (
        "mounts",
        payloads.collection_parser("mounts", "mount"),
        {"mounts": [{"mount": {"id": 6}}]},
        ["mounts/0/mount", "mounts/0/mount/id"],
    ),
    (
        "character",
        payloads.CharacterSummary.from_json,
        CHARACTER,
        ["id", "name", "realm", "level", "race", "character_class/id", "guild/id", "guild/realm"],
    ),
    ("status", payloads.CharacterStatus.from_json, {"id": 5, "is_valid": True}, ["id", "is_valid"]),
    (
        "guild",
        payloads.GuildProfile.from_json,
        GUILD_PROFILE,
        ["id", "name", "realm", "member_count", "achievement_points"],
    ),
    (
        "roster",
        payloads.GuildRoster.from_json,
        ROSTER,
        [
            "guild",
            "members",
            "members/0/rank",
            *(
                f"members/0/character/{field}"
                for field in ("id", "name", "realm/id", "level", "playable_class", "playable_race/id")
            ),
        ],
    ),
    ("classes", game_data.index_parser("classes"), {"classes": [{"id": 1, "name": "Warrior"}]}, ["classes"]),
    (
        "race",
        game_data.Race.from_json,
        {"id": 1, "name": "Human", "faction": {"type": "ALLIANCE"}},
        ["id", "faction", "faction/type"],
    ),
    (
        "spec",
        game_data.Spec.from_json,
        {"id": 65, "name": "Holy", "playable_class": {"id": 2}, "role": {"type": "HEALER"}},
        ["id", "playable_class/id", "role/type"],
    ),
    ("realms", game_data.realm_index, {"realms": [REALM]}, ["realms", "realms/0/id", "realms/0/slug"]),
    (
        "connected realm",
        game_data.ConnectedRealm.from_json,
        CONNECTED_REALM,
        ["id", "realms", "realms/0/id", "realms/0/slug"],
    ),
    (
        "connected realms",
        game_data.connected_realm_ids,
        CONNECTED_REALM_INDEX,
        ["connected_realms", "connected_realms/0/href"],
    ),
    (
        "character media",
        media.CharacterMedia.from_json,
        {"character": {"id": 7}, "assets": [{"key": "avatar", "value": "https://render.example/7.jpg"}]},
        ["character", "character/id"],
    ),
    (
        "character specializations",
        media.CharacterSpecializations.from_json,
        {
            "character": {"id": 7},
            "specializations": [{"specialization": {"id": 64, "name": "Frost"}, "loadouts": [{"is_active": True}]}],
        },
        ["character/id", "specializations/0/specialization", "specializations/0/specialization/id"],
    ),
]
