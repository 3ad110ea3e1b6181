"""The personal data of Destiny: the Bungie account with its tokens, and everything that belongs to it."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import OnDeletion, Retention, Section
from destiny.models import (
    BungieAccount,
    Collection,
    DestinyMembership,
    DismissedNotice,
    Guardian,
    GuardianProgress,
    Item,
    Loadout,
    MovePlan,
    MoveStep,
    VendorStock,
    Wish,
)

RETENTION = (
    Retention(
        _("Your Bungie.net id and Bungie name, if you connected a Bungie account"),
        _("To recognize you when you sign in with Bungie."),
        _("Until you disconnect the account or delete your account here."),
    ),
    Retention(
        _("The tokens that Bungie gave us, encrypted"),
        _("To read your Destiny data, and to move items when you ask for it."),
        _(
            "Until you disconnect the account, Bungie revokes them or you delete your account. They work for 90 days "
            "after the last refresh, and for a year at most."
        ),
    ),
    Retention(
        _("Your Destiny memberships: platform, id, name, when you last played"),
        _("Your guardians belong to one of them."),
        _("Until 30 days after Bungie no longer lists it, you disconnect the account or you delete your account."),
    ),
    Retention(
        _("Your guardians, items and loadouts, as Bungie shows them to you"),
        _("To show them to you, and to move items when you ask for it. Nobody else sees them."),
        _("As long as the membership; what you no longer have goes with the next sync."),
    ),
    Retention(
        _("What you had moved, equipped or locked: the items, when, and how it ended"),
        _("To carry it out one by one, and to tell you what was done."),
        _("30 days."),
    ),
    Retention(
        _("The loadouts that you build here, and a hash of the link by which you share one"),
        _(
            "To compare and equip them. Who has the link sees a loadout's name, notes, items and mods, and your "
            "Bungie name only if you choose so."
        ),
        _("Until you delete the loadout, stop sharing, disconnect the account or delete your account."),
    ),
    Retention(
        _("What vendors sell to your guardians, what these have done this week, and which collectibles you lack"),
        _("To show you what is worth buying and what is left to do."),
        _("As long as the guardian or the membership; replaced with each sync."),
    ),
    Retention(
        _("Your wish list, and which notices about it you dismissed"),
        _("To tell you when a vendor sells something that you want."),
        _(
            "Until you remove the item, disconnect the account or delete your account; notices until the vendor "
            "restocks."
        ),
    ),
)
COLUMNS = {
    "destiny.BungieAccount.user": OnDeletion.DELETED,
    "destiny.BungieAccount.bungie_id": OnDeletion.DELETED,
    "destiny.BungieAccount.name": OnDeletion.DELETED,
    "destiny.BungieAccount.access_token": OnDeletion.DELETED,
    "destiny.BungieAccount.refresh_token": OnDeletion.DELETED,
    "destiny.DestinyMembership.account": OnDeletion.DELETED,
    "destiny.DestinyMembership.membership_id": OnDeletion.DELETED,
    "destiny.DestinyMembership.name": OnDeletion.DELETED,
    "destiny.DestinyMembership.platform_name": OnDeletion.DELETED,
    "destiny.DestinyProfile.membership": OnDeletion.DELETED,
    "destiny.Guardian.membership": OnDeletion.DELETED,
    "destiny.Guardian.character_id": OnDeletion.DELETED,
    "destiny.Item.membership": OnDeletion.DELETED,
    "destiny.Item.guardian": OnDeletion.DELETED,
    "destiny.Item.instance_id": OnDeletion.DELETED,
    "destiny.MovePlan.membership": OnDeletion.DELETED,
    "destiny.MovePlan.name": OnDeletion.DELETED,
    "destiny.MovePlan.goals": OnDeletion.DELETED,
    "destiny.MoveStep.plan": OnDeletion.DELETED,
    "destiny.Loadout.membership": OnDeletion.DELETED,
    "destiny.Loadout.name": OnDeletion.DELETED,
    "destiny.Loadout.notes": OnDeletion.DELETED,
    "destiny.Loadout.items": OnDeletion.DELETED,
    "destiny.LoadoutShare.loadout": OnDeletion.DELETED,
    "destiny.LoadoutShare.token_hash": OnDeletion.DELETED,
    "destiny.VendorStock.guardian": OnDeletion.DELETED,
    "destiny.GuardianProgress.guardian": OnDeletion.DELETED,
    "destiny.Collection.membership": OnDeletion.DELETED,
    "destiny.Wish.account": OnDeletion.DELETED,
    "destiny.Wish.item_hash": OnDeletion.DELETED,
    "destiny.DismissedNotice.account": OnDeletion.DELETED,
}
MEMBERSHIP = ("membership_type", "membership_id", "name", "platform_name", "is_primary", "last_played_at")

GUARDIAN = ("membership__membership_id", "character_id", "class_type", "light", "minutes_played", "last_played_at")
PLAN = ("membership__membership_id", "name", "state", "created_at", "finished_at")
STEP = ("plan__created_at", "action", "item_hash", "instance_id", "character_id", "state", "sent_at", "finished_at")
ITEM = ("membership__membership_id", "guardian__character_id", "place", "instance_id", "item_hash", "quantity", "power")
LOADOUT = (
    "membership__membership_id",
    "name",
    "notes",
    "class_type",
    "items",
    "mods",
    "dim",
    "created_at",
    "updated_at",
)
STOCK = ("guardian__character_id", "vendor_hash", "refreshes_at", "rank", "sales")
PROGRESS = ("guardian__character_id", "milestones", "read_at")
NOTICE = ("item_hash", "vendor_hash", "refreshes_at")


def export(person: User) -> dict[str, Any]:
    """Return the Bungie account with its memberships, but never the tokens."""
    account = _accounts(person).defer("access_token", "refresh_token").first()
    return {"bungie_account": account and _account(account)}


def count(person: User) -> int:
    """Return how many memberships the person has."""
    return DestinyMembership.objects.filter(account__user=person).count()


def lock(person: User) -> None:
    """Lock the account, as every write of its data or tokens does first."""
    list(_accounts(person).select_for_update(of=("self",)).values_list("pk"))


def erase(person: User) -> None:
    """Delete the account with everything that belongs to it."""
    _accounts(person).delete()


def _accounts(person: User) -> Any:
    return BungieAccount.objects.filter(user=person)


def _account(account: BungieAccount) -> dict[str, Any]:
    return {
        "bungie_id": account.bungie_id,
        "name": account.name,
        "connected_at": account.created_at,
        "authorized_at": account.authorized_at,
        "expires_at": account.expires_at,
        "refresh_expires_at": account.refresh_expires_at,
        "chosen_membership": account.chosen_membership and account.chosen_membership.membership_id,
        "memberships": list(account.memberships.values(*MEMBERSHIP)),
        "guardians": list(Guardian.objects.filter(membership__account=account).values(*GUARDIAN)),
        "moves": list(MovePlan.objects.filter(membership__account=account).values(*PLAN)),
        "steps": list(MoveStep.objects.filter(plan__membership__account=account).values(*STEP)),
        "items": list(Item.objects.filter(membership__account=account).values(*ITEM)),
        "loadouts": list(Loadout.objects.filter(membership__account=account).values(*LOADOUT, "share__created_at")),
        "vendors": list(VendorStock.objects.filter(guardian__membership__account=account).values(*STOCK)),
        "progress": list(GuardianProgress.objects.filter(guardian__membership__account=account).values(*PROGRESS)),
        "missing_collectibles": list(
            Collection.objects.filter(membership__account=account).values("membership__membership_id", "missing")
        ),
        "wish_list": list(Wish.objects.filter(account=account).values("item_hash", "created_at")),
        "dismissed_notices": list(DismissedNotice.objects.filter(account=account).values(*NOTICE)),
    }


SECTION = Section(
    "destiny",
    _("Destiny 2"),
    RETENTION,
    COLUMNS,
    export,
    count,
    erase,
    lock,
    is_shown=lambda: bool(settings.DESTINY_ENABLED),
)
