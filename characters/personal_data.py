"""The personal data that characters stores: which characters belong to which user."""

from base64 import b64encode
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import OnDeletion, Retention, Section
from characters.models import UNLINKED, Character

RETENTION = (
    Retention(
        _("Which characters are yours, on which of your WoW accounts, and when Battle.net last listed them for you"),
        _("Your characters' ranks decide what you can do in a guild."),
        _("Until your account at Battle.net no longer lists the character, or you delete your account."),
    ),
    Retention(
        _("A hash of your mounts and one of your toys"),
        _("To recognize characters that moved between accounts. The lists themselves are not stored."),
        _("Until the next list of your characters replaces them, or you delete your account."),
    ),
    Retention(
        _("Your characters' item levels by day"),
        _("Members' pages show how they developed."),
        _("A year, or until the character is deleted."),
    ),
    Retention(
        _(
            "What Battle.net publishes about a character: name, realm, level, class, specializations, item level, last "
            "login, portrait"
        ),
        _("Guild rosters and members' pages show it."),
        format_lazy(
            _(
                "While the character is yours or in a guild, and {alone} days longer. It is deleted sooner when "
                "Battle.net no longer confirms it for {unconfirmed} days."
            ),
            alone=settings.CHARACTER_RETENTION_DAYS,
            unconfirmed=settings.REVALIDATION_DAYS,
        ),
    ),
)
COLUMNS = {f"characters.Character.{name}": OnDeletion.CLEARED for name in UNLINKED}


def export(person: User) -> dict[str, Any]:
    """Return the user's characters with their links."""
    characters = Character.objects.of(person).with_game_data().select_related("picture")
    characters = characters.prefetch_related("item_levels", "specializations")
    return {"characters": [_character(one) for one in characters]}


def count(person: User) -> int:
    """Return how many characters the user has."""
    return Character.objects.of(person).count()


def lock(person: User) -> None:
    """Lock the user's characters, in the same order as the syncs."""
    rows = Character.objects.of(person).order_by("region", "pk").select_for_update(of=("self",), no_key=True)
    list(rows.values_list("pk"))


def erase(person: User) -> None:
    """Remove the links, and data that only the owner's account provides."""
    now = timezone.now()
    Character.objects.of(person).update(**UNLINKED, orphaned_since=now, updated_at=now)


def _character(one: Character) -> dict[str, Any]:
    return {
        "name": one.name,
        "realm": one.realm.slug,
        "region": one.region,
        "blizzard_id": one.blizzard_id,
        "level": one.level,
        "class": one.playable_class and one.playable_class.name,
        "race": one.playable_race and one.playable_race.name,
        "specialization": one.active_spec and one.active_spec.name,
        "specializations": [spec.name for spec in one.specializations.all()],
        "portrait": _data_url(one),
        "gender": one.gender,
        "faction": one.faction,
        "average_item_level": one.average_item_level,
        "equipped_item_level": one.equipped_item_level,
        "item_levels": [{"day": record.day, "item_level": record.item_level} for record in one.item_levels.all()],
        "last_login_at": one.last_login_at,
        "last_synced_at": one.last_synced_at,
        "link": {
            "confirmed_at": one.owner_confirmed_at,
            "wow_account_id": one.wow_account_id,
            "blizzard_id_in_account": one.account_blizzard_id,
            "mounts_hash": one.mounts_hash,
            "toys_hash": one.toys_hash,
        },
    }


def _data_url(one: Character) -> str | None:
    portrait = getattr(one, "picture", None)
    if portrait is None:
        return None
    return f"data:{portrait.content_type};base64,{b64encode(portrait.content).decode()}"


SECTION = Section("characters", _("Characters"), RETENTION, COLUMNS, export, count, erase, lock)
