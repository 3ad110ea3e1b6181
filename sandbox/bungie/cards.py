"""Documents about accounts: membership cards, the Bungie.net user and linked profiles."""

from datetime import timedelta
from typing import Any

from sandbox.bungie.clock import Clock, timestamp
from sandbox.bungie.people import BUNGIE_NEXT, EPIC, PSN, STEAM, XBOX, Membership, Person

Json = dict[str, Any]

_ICONS = {
    XBOX: "/img/theme/bungienet/icons/xboxLiveLogo.png",
    PSN: "/img/theme/bungienet/icons/psnLogo.png",
    STEAM: "/img/theme/bungienet/icons/steamLogo.png",
    EPIC: "/img/theme/destiny/icons/icon_egs.png",
}
_USER_NAMES = {XBOX: "xboxDisplayName", PSN: "psnDisplayName", STEAM: "steamDisplayName", EPIC: "egsDisplayName"}
_AVATAR = "/img/profile/avatars/sandbox_01.png"
# The account's balance of Silver by platform, with its bucket.
_SILVER = 3_147_280_338
_SILVER_BUCKETS = {
    "TigerPsn": 2689798306, "TigerXbox": 2689798307, "TigerBlizzard": 2689798316, "TigerStadia": 2689798317,
    "TigerSteam": 130233231, "BungieNext": 130233230, "TigerEgs": 130233229,
}  # fmt: skip


def card(membership: Membership) -> Json:
    """Return a membership as other documents contain it."""
    person, primary = membership.person, membership.person.cross_save
    others = [one.type for one in person.memberships if one is not membership]
    applicable = [] if primary not in (None, membership) else [*(others if primary else []), membership.type]
    return {
        "iconPath": _ICONS[membership.type],
        "crossSaveOverride": primary.type if primary else 0,
        "applicableMembershipTypes": applicable,
        "isPublic": membership.is_public,
        "membershipType": membership.type,
        "membershipId": str(membership.id),
        "displayName": membership.display_name,
        **_global_name(person),
    }


def _global_name(person: Person) -> Json:
    if not person.bungie_name:
        return {"bungieGlobalDisplayName": ""}
    return {"bungieGlobalDisplayName": person.bungie_name, "bungieGlobalDisplayNameCode": person.code}


def memberships(person: Person) -> Json:
    """Return the answer of the GetMemberships endpoints. ``primaryMembershipId`` is there only under cross save."""
    last_seen = [
        {"LastSeenDisplayName": one.display_name, "LastSeenDisplayNameType": one.type, **card(one)}
        for one in person.memberships
    ]
    primary = {"primaryMembershipId": str(person.cross_save.id)} if person.cross_save else {}
    return {"destinyMemberships": last_seen, **primary, "bungieNetUser": _user(person)}


def _user(person: Person) -> Json:
    name = person.bungie_name or person.name.title()
    unique = f"{person.bungie_name}#{person.code:04}" if person.bungie_name else ""
    return {
        "membershipId": str(person.bungie_id),
        "uniqueName": unique,
        "displayName": name,
        "profilePicture": 70_000 + person.bungie_id % 1000,
        "profileTheme": 1106,
        "userTitle": 0,
        "successMessageFlags": "0",
        "isDeleted": False,
        "about": "",
        "firstAccess": "2021-09-10T09:21:29.253Z",
        "lastUpdate": "2024-11-26T02:50:31.792Z",
        "context": {"isFollowing": False, "ignoreStatus": {"isIgnored": False, "ignoreFlags": 0}},
        "showActivity": True,
        "locale": "en",
        "localeInheritDefault": False,
        "showGroupMessaging": True,
        "profilePicturePath": _AVATAR,
        "profileThemeName": "d2_06",
        "userTitleDisplay": "Newbie",
        "statusText": "",
        "statusDate": "0001-01-01T00:00:00Z",
        **{_USER_NAMES[one.type]: one.display_name for one in person.memberships},
        **_cached_name(person),
    }


def _cached_name(person: Person) -> Json:
    if not person.bungie_name:
        return {}
    return {"cachedBungieGlobalDisplayName": person.bungie_name, "cachedBungieGlobalDisplayNameCode": person.code}


def linked_profiles(clock: Clock, person: Person, *, all_memberships: bool, failing: int | None) -> Json:
    """Return the linked profiles; private ones only if asked for all.

    ``failing`` is an error code that makes even valid profiles appear in ``profilesWithErrors``, as in an outage.
    """
    seen = [one for one in person.memberships if one.is_public or all_memberships]
    good = [one for one in seen if one.has_destiny and not failing]
    bad = [one for one in seen if one not in good]
    return {
        "profiles": [_profile(clock, one) for one in good],
        "bnetMembership": _bungie_card(person),
        "profilesWithErrors": [
            {"errorCode": (failing or 1601) if one.has_destiny else 1601, "infoCard": card(one)} for one in bad
        ],
    }


def _profile(clock: Clock, membership: Membership) -> Json:
    primary = membership.person.cross_save
    return {
        "dateLastPlayed": last_played(clock, membership),
        "isOverridden": primary not in (None, membership),
        "isCrossSavePrimary": primary is membership,
        "platformSilver": platform_silver(),
        **card(membership),
    }


def last_played(clock: Clock, membership: Membership) -> str:
    """Return when the membership was last played: a fixed time, so that an unchanged profile is the same again."""
    return timestamp(clock.started - timedelta(minutes=membership.minutes_ago))


def platform_silver() -> Json:
    """Return the balance of Silver, which is always zero."""
    common = {"bindStatus": 0, "location": 1, "transferStatus": 2, "lockable": False, "state": 0}
    return {
        "platformSilver": {
            name: {
                "itemHash": _SILVER, "quantity": 0, "bucketHash": bucket, **common,
                "dismantlePermission": 0, "isWrapper": False,
            }
            for name, bucket in _SILVER_BUCKETS.items()
        }
    }  # fmt: skip


def _bungie_card(person: Person) -> Json:
    name = person.bungie_name or person.name.title()
    return {
        "supplementalDisplayName": f"{name}#{person.code:04}" if person.bungie_name else "",
        "iconPath": _AVATAR,
        "crossSaveOverride": 0,
        "isPublic": False,
        "membershipType": BUNGIE_NEXT,
        "membershipId": str(person.bungie_id),
        "displayName": name,
        **_global_name(person),
    }
