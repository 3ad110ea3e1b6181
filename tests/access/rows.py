"""The expected status of every address and method, for each viewer."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.utils import timezone

from guilds.edit_conflict import version_of
from guilds.models import Guild
from permissions.services import ranks_version
from tests.access import forms
from tests.access.expectations import (
    NOT_AUTHENTICATED,
    NOT_THAT_WAY,
    SIGN_IN,
    UNKNOWN,
    VIEW,
    Row,
    all_of,
    always,
    api,
    get,
    holders,
    masters,
    no_query,
    not_found,
    only,
    page,
    post,
    reading,
    signed_in,
    site_admins_of_the_api,
    visitors,
)

PUBLIC: dict[str, Any] = {"visibility": "EVERYBODY"}
DELETED: dict[str, Any] = {"deleted_at": timezone.now()}
MANAGE, INFO, RANKS = "guilds.manage_roster", "guilds.edit_info", "guilds.manage_ranks"
DELETE, READ, WRITE = "guilds.delete", "guilds.read_notes", "guilds.write_notes"
REFRESH = "guilds.refresh"
OPEN_TO_ALL = get(always(200), guild=PUBLIC, note="guild open to everybody")
GONE = get(only(status=UNKNOWN), guild=DELETED, note="data deleted")


ANOTHERS_LOADOUT = [get(always(NOT_THAT_WAY)), post(signed_in(UNKNOWN), note="another person's loadout")]
ROWS: dict[str, list[Row]] = {
    "landing": [get(visitors(200)), post(always(NOT_THAT_WAY))],
    "account": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "account_preferences": [get(signed_in(200)), post(signed_in(302))],
    "language": [get(always(NOT_THAT_WAY)), post(always(302))],
    "destiny:home": [
        get(signed_in(200), note="without a Bungie account: how to connect one"),
        post(always(NOT_THAT_WAY)),
    ],
    "destiny:updates": [get(signed_in(UNKNOWN), note="without a Bungie account"), post(always(NOT_THAT_WAY))],
    "destiny:inventory": [get(signed_in(200), note="without a Bungie account"), post(always(NOT_THAT_WAY))],
    "destiny:item": [get(signed_in(UNKNOWN), note="another person's item"), post(always(NOT_THAT_WAY))],
    "destiny:compare": [get(signed_in(200), note="without a Bungie account"), post(always(NOT_THAT_WAY))],
    "destiny:loadouts": [get(signed_in(200), note="without a Bungie account"), post(always(NOT_THAT_WAY))],
    "destiny:new_loadout": [
        get(signed_in(200), note="without a Bungie account"),
        post(signed_in(UNKNOWN), note="without a Bungie account"),
    ],
    "destiny:import_loadouts": [
        get(signed_in(200), note="without a Bungie account"),
        post(signed_in(UNKNOWN), note="without a Bungie account"),
    ],
    "destiny:export_loadouts": [get(signed_in(200), note="without a Bungie account"), post(always(NOT_THAT_WAY))],
    "destiny:shared_loadout": [get(always(UNKNOWN), note="an unknown link"), post(always(NOT_THAT_WAY))],
    "destiny:game_loadout": [
        get(signed_in(UNKNOWN), note="another person's guardian"),
        post(signed_in(UNKNOWN), note="another person's guardian"),
    ],
    "destiny:loadout": [get(signed_in(UNKNOWN), note="another person's loadout"), post(always(NOT_THAT_WAY))],
    "destiny:edit_loadout": [
        get(signed_in(UNKNOWN), note="another person's loadout"),
        post(signed_in(UNKNOWN), note="another person's loadout"),
    ],
    "destiny:apply_loadout": ANOTHERS_LOADOUT,
    "destiny:share_loadout": ANOTHERS_LOADOUT,
    "destiny:delete_loadout": ANOTHERS_LOADOUT,
    "destiny:export_loadout": [get(signed_in(UNKNOWN), note="another person's loadout"), post(always(NOT_THAT_WAY))],
    "destiny:move": [get(always(NOT_THAT_WAY)), post(signed_in(UNKNOWN), note="another person's item")],
    "destiny:moves": [get(signed_in(200), note="without a Bungie account"), post(always(NOT_THAT_WAY))],
    "destiny:plan": [get(signed_in(UNKNOWN), note="another person's plan"), post(always(NOT_THAT_WAY))],
    "destiny:plan_updates": [get(signed_in(UNKNOWN), note="another person's plan"), post(always(NOT_THAT_WAY))],
    "destiny:plan_cancel": [get(always(NOT_THAT_WAY)), post(signed_in(UNKNOWN), note="another person's plan")],
    "destiny:vendors": [
        get(signed_in(200), note="without a Bungie account: how to connect one"),
        post(always(NOT_THAT_WAY)),
    ],
    "destiny:vendor": [get(signed_in(UNKNOWN), note="without a Bungie account"), post(always(NOT_THAT_WAY))],
    "destiny:public_vendors": [get(always(200)), post(always(NOT_THAT_WAY))],
    "destiny:public_vendor": [get(always(UNKNOWN), note="an unknown vendor"), post(always(NOT_THAT_WAY))],
    "destiny:milestones": [get(always(200)), post(always(NOT_THAT_WAY))],
    "destiny:wishlist": [
        get(signed_in(200), note="without a Bungie account: how to connect one"),
        post(always(NOT_THAT_WAY)),
    ],
    "destiny:wish": [get(always(NOT_THAT_WAY)), post(signed_in(UNKNOWN), note="without a Bungie account")],
    "destiny:dismiss_notice": [get(always(NOT_THAT_WAY)), post(signed_in(UNKNOWN), note="without a Bungie account")],
    "destiny:manifest": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "destiny:definition": [
        get(signed_in(UNKNOWN), note="of an edition that is not loaded"),
        post(always(NOT_THAT_WAY)),
    ],
    "home": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "account_data": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "account_leave": [get(signed_in(200)), post(signed_in(302), forms.leave)],
    "account_delete_leave": [
        get(always(NOT_THAT_WAY)),
        post(signed_in(UNKNOWN), note="another person's leave"),
    ],
    "account_export": [get(signed_in(200)), post(signed_in(200))],
    "account_download": [
        get(signed_in(UNKNOWN), note="another person's export"),
        post(always(NOT_THAT_WAY)),
    ],
    "account_delete": [get(signed_in(200)), post(signed_in(200), note="without the BattleTag")],
    "account_sessions": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "account_end_sessions": [get(always(NOT_THAT_WAY)), post(always(302))],
    "account_end_session": [
        get(always(NOT_THAT_WAY)),
        post(signed_in(UNKNOWN), note="another person's session"),
    ],
    "account_tokens": [get(signed_in(200)), post(signed_in(200), note="without a name")],
    "account_revoke_token": [
        get(always(NOT_THAT_WAY)),
        post(signed_in(UNKNOWN), note="another person's token"),
    ],
    "api:api-root": [get(always(UNKNOWN)), post(always(NOT_THAT_WAY))],
    "api:openapi-json": [get(always(200)), post(always(NOT_THAT_WAY))],
    "api:openapi-view": [get(always(200)), post(always(NOT_THAT_WAY))],
    "api:guilds": [
        get(lambda who: 200 if who.is_signed_in else NOT_AUTHENTICATED),
        post(always(NOT_THAT_WAY)),
    ],
    "api:guild": api(VIEW),
    "api:roster": [
        *api(VIEW),
        get(reading(VIEW), guild=PUBLIC, note="guild open to everybody"),
        get(not_found, guild=DELETED, note="data deleted"),
    ],
    "api:member": api(VIEW),
    "api:timeline": api(VIEW),
    "api:notes": api(READ),
    "api:roster_csv": api(VIEW),
    "api:roster_json": api(VIEW),
    "api:timeline_csv": api(VIEW),
    "api:roster_address": [get(always(UNKNOWN), note="an unknown address"), post(always(NOT_THAT_WAY))],
    "api:timeline_address": [get(always(UNKNOWN), note="an unknown address"), post(always(NOT_THAT_WAY))],
    "destiny-api:api-root": [get(always(UNKNOWN)), post(always(NOT_THAT_WAY))],
    "destiny-api:openapi-json": [get(always(200)), post(always(NOT_THAT_WAY))],
    "destiny-api:openapi-view": [get(always(200)), post(always(NOT_THAT_WAY))],
    "destiny-api:manifest": [get(not_found, note="no edition"), post(always(NOT_THAT_WAY))],
    "destiny-api:definitions": [get(no_query, note="without a query"), post(always(NOT_THAT_WAY))],
    "destiny-api:definition": [get(not_found, note="no edition"), post(always(NOT_THAT_WAY))],
    "destiny-api:bungie_login": [get(always(302)), post(always(NOT_THAT_WAY))],
    "destiny-api:bungie_callback": [get(always(302)), post(always(NOT_THAT_WAY))],
    "destiny-api:characters": [
        get(lambda who: 200 if who.is_signed_in else NOT_AUTHENTICATED, note="without a Bungie account: none"),
        post(always(NOT_THAT_WAY)),
    ],
    "destiny-api:loadouts": [
        get(lambda who: 200 if who.is_signed_in else NOT_AUTHENTICATED, note="without a Bungie account: none"),
        post(always(NOT_THAT_WAY)),
    ],
    "destiny-api:loadout": [get(not_found, note="another person's loadout"), post(always(NOT_THAT_WAY))],
    "destiny-api:loadout_for_dim": [get(not_found, note="another person's loadout"), post(always(NOT_THAT_WAY))],
    "destiny-api:inventory": [get(not_found, note="without a Bungie account"), post(always(NOT_THAT_WAY))],
    "destiny-api:item": [get(not_found, note="another person's item"), post(always(NOT_THAT_WAY))],
    "destiny-api:moves": [get(always(NOT_THAT_WAY)), post(no_query, note="without a wish")],
    "destiny-api:move": [get(not_found, note="another person's plan"), post(always(NOT_THAT_WAY))],
    "destiny-api:move_cancel": [get(always(NOT_THAT_WAY)), post(not_found, note="another person's plan")],
    "destiny-api:vendors": [get(not_found, note="without a Bungie account"), post(always(NOT_THAT_WAY))],
    "destiny-api:public_vendors": [get(always(UNKNOWN), note="no edition"), post(always(NOT_THAT_WAY))],
    "destiny-api:milestones": [get(not_found, note="no edition"), post(always(NOT_THAT_WAY))],
    "destiny-api:wishlist": [
        get(lambda who: 200 if who.is_signed_in else NOT_AUTHENTICATED, note="without a Bungie account: none"),
        post(always(NOT_THAT_WAY)),
    ],
    "destiny-api:add_wish": [get(always(NOT_THAT_WAY)), post(not_found, note="without a Bungie account")],
    "destiny-api:wish": [get(always(NOT_THAT_WAY)), post(not_found, note="without a Bungie account")],
    "destiny-api:manifest_sync": [get(always(NOT_THAT_WAY)), post(site_admins_of_the_api)],
    "account_login": [get(visitors(200)), post(always(NOT_THAT_WAY))],
    "account_logout": [get(always(NOT_THAT_WAY)), post(always(302))],
    "account_inactive": [get(always(403)), post(always(NOT_THAT_WAY))],
    "battlenet_login": [get(always(200)), post(always(302))],
    "battlenet_callback": [get(always(400)), post(always(NOT_THAT_WAY))],
    "bungie_login": [get(always(200)), post(always(302))],
    "bungie_callback": [get(always(400)), post(always(NOT_THAT_WAY))],
    "account_bungie": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "account_bungie_refresh": [get(always(NOT_THAT_WAY)), post(signed_in(302), note="without a Bungie account")],
    "account_bungie_membership": [
        get(always(NOT_THAT_WAY)),
        post(signed_in(302), note="without a membership: nothing is chosen"),
    ],
    "account_bungie_disconnect": [get(always(NOT_THAT_WAY)), post(signed_in(302), note="without a Bungie account")],
    "updates": [get(always(UNKNOWN), note="an unknown address"), post(always(NOT_THAT_WAY))],
    "picture": [get(always(200), note="whoever knows its address"), post(always(NOT_THAT_WAY))],
    "healthz": [get(always(200)), post(always(NOT_THAT_WAY))],
    "readyz": [get(always(503), note="no worker runs"), post(always(NOT_THAT_WAY))],
    "metrics": [get(always(UNKNOWN), note="no METRICS_TOKEN is set"), post(always(NOT_THAT_WAY))],
    "characters:mine": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "sync:refresh_mine": [get(always(302)), post(always(302))],
    "guilds:mine": [get(signed_in(200)), post(always(NOT_THAT_WAY))],
    "guilds:overview": [*page(VIEW), OPEN_TO_ALL, GONE],
    "guilds:roster": [*page(VIEW), OPEN_TO_ALL, GONE],
    "guilds:roster_csv": [*page(VIEW), GONE],
    "guilds:roster_json": [*page(VIEW), GONE],
    "guilds:roster_address": [get(holders(VIEW)), post(holders(VIEW), note="without a name"), GONE],
    "guilds:timeline_address": [get(holders(VIEW)), post(holders(VIEW), note="without a name"), GONE],
    "guilds:roster_views": [get(holders(VIEW)), post(holders(VIEW, status=302), lambda two_guilds: {"name": "Away"})],
    "guilds:delete_view": [
        get(holders(VIEW, status=302)),
        post(all_of(VIEW, MANAGE, status=302), lambda two_guilds: {}),
    ],
    "guilds:selected": [
        get(holders(MANAGE, WRITE, status=302)),
        post(
            holders(MANAGE, status=302),
            lambda two_guilds: {
                "member": str(two_guilds.rows[two_guilds.guild]["character"].pk),
                "action": "todo",
                "kind": "REMOVE",
                "save": "1",
            },
        ),
    ],
    "guilds:timeline": [*page(VIEW), OPEN_TO_ALL, GONE],
    "guilds:timeline_csv": [*page(VIEW), GONE],
    "guilds:feed_address": [get(holders(VIEW)), post(holders(VIEW, status=302), lambda two_guilds: {}), GONE],
    "guilds:feed": [get(always(UNKNOWN), note="an unknown address"), post(always(NOT_THAT_WAY))],
    "guilds:settings": [get(holders(INFO, RANKS, DELETE)), post(holders(INFO, status=302), forms.info), GONE],
    "guilds:grace": [
        get(holders(RANKS, status=302)),
        post(holders(RANKS, status=302), lambda two_guilds: {"hours": 12, "version": version_of(48)}),
    ],
    "guilds:link_days": [
        get(holders(RANKS, status=302)),
        post(holders(RANKS, status=302), lambda two_guilds: {"days": 12, "version": version_of(30)}),
    ],
    "guilds:delete": [
        get(holders(DELETE)),
        post(masters(DELETE, status=302), lambda two_guilds: {"name": two_guilds.guild.name}),
    ],
    "guilds:deleted": [
        get(holders(DELETE, status=302)),
        get(only(DELETE), guild=DELETED, note="data deleted"),
        post(only(DELETE, status=302), lambda two_guilds: {}, guild=DELETED, note="data deleted"),
    ],
    "guilds:member": [*page(VIEW), get(holders(VIEW), guild=PUBLIC, note="guild open to everybody"), GONE],
    "guilds:write_note": [
        get(holders(WRITE, status=302)),
        post(holders(WRITE, status=302), lambda two_guilds: {"text": "New"}),
    ],
    "guilds:alt_note": [
        get(holders(MANAGE, status=302)),
        post(holders(MANAGE, status=302), lambda two_guilds: {"main": "Held"}),
    ],
    "guilds:choose_main": [
        get(holders(MANAGE, status=302)),
        post(holders(MANAGE, status=302), lambda two_guilds: {}, owned=True),
    ],
    "guilds:main": [
        get(always(NOT_THAT_WAY)),
        post(lambda who: SIGN_IN if who.is_signed_in and who.may(VIEW) else holders(VIEW)(who)),
    ],
    "guilds:add_todo": [
        get(holders(MANAGE, status=302)),
        post(holders(MANAGE, status=302), lambda two_guilds: {"kind": "REMOVE"}),
    ],
    "guilds:former_members": [*page(MANAGE, READ), GONE],
    "guilds:former_member": [
        get(holders(MANAGE, READ)),
        post(holders(MANAGE, status=302), lambda two_guilds: {"reason": "Loots and leaves"}),
    ],
    "guilds:note_former": [
        get(holders(WRITE, status=302)),
        post(holders(WRITE, status=302), lambda two_guilds: {"text": "New"}),
    ],
    "guilds:remove_flag": [
        get(holders(MANAGE, status=302)),
        post(holders(MANAGE, status=302), lambda two_guilds: {}),
    ],
    "guilds:notes": [*page(READ), GONE],
    # The note has no author any more, so everybody who can write notes ranks above them. Changing needs reading, too.
    "guilds:note": [
        get(all_of(READ, WRITE, status=200)),
        post(
            all_of(READ, WRITE, status=302),
            lambda two_guilds: {"text": "New", "version": version_of("Secret")},
        ),
    ],
    "guilds:delete_note": [
        get(all_of(READ, WRITE, status=302)),
        post(all_of(READ, WRITE, status=302), lambda two_guilds: {}),
    ],
    "guilds:todo": [
        get(holders(MANAGE)),
        post(holders(MANAGE, status=302), lambda two_guilds: {"names": "Stranger", "kind": "REMOVE"}),
        GONE,
    ],
    "guilds:remove_todo": [
        get(holders(MANAGE, status=302)),
        post(
            holders(MANAGE, status=302),
            lambda two_guilds: {"item": str(two_guilds.rows[two_guilds.guild]["todo_item"].pk)},
        ),
    ],
    "guilds:away": [get(holders(MANAGE)), post(holders(MANAGE, status=302), forms.line), GONE],
    "guilds:new_rule": [get(holders(MANAGE)), post(holders(MANAGE, status=302), forms.rule)],
    "guilds:rule": [get(holders(MANAGE)), post(holders(MANAGE, status=302), forms.rule)],
    "guilds:delete_rule": [
        get(holders(MANAGE, status=302)),
        post(holders(MANAGE, status=302), lambda two_guilds: {}),
    ],
    "guilds:note_leave": [get(holders(MANAGE, status=302)), post(holders(MANAGE, status=302), forms.leave)],
    "guilds:delete_leave": [
        get(holders(MANAGE, status=302)),
        post(holders(MANAGE, status=302), lambda two_guilds: {}),
    ],
    "sync:guild": [*page(REFRESH), GONE],
    "sync:refresh_guild": [
        get(holders(REFRESH, status=302)),
        post(holders(REFRESH, status=302), lambda two_guilds: {}),
    ],
    "sync:retry": [
        get(holders(REFRESH, status=302)),
        post(holders(REFRESH, status=302), lambda two_guilds: {"all": "all"}),
    ],
    "permissions:first_steps": [get(holders(RANKS)), post(holders(RANKS, status=302), forms.first_steps)],
    "permissions:ranks": [
        get(holders(VIEW)),
        get(holders(VIEW), guild=PUBLIC, note="guild open to everybody"),
        post(holders(RANKS, status=302), forms.ranks),
        GONE,
    ],
    "permissions:new_set": [
        get(holders(RANKS)),
        post(holders(RANKS, status=302), lambda two_guilds: {"name": "Newest", "rights": [RANKS]}),
    ],
    "permissions:edit_set": [get(holders(RANKS)), post(holders(RANKS, status=302), forms.permission_set)],
    "permissions:delete_set": [
        get(holders(RANKS, status=302)),
        post(holders(RANKS, status=302), lambda two_guilds: {"version": ranks_version(two_guilds.guild)}),
    ],
    "permissions:new_grant": [get(holders(RANKS)), post(holders(RANKS, status=302), forms.grant)],
    # The page of ranks leads there, and that one needs the right to view.
    "permissions:end_grant": [
        get(holders(VIEW, status=302)),
        post(all_of(VIEW, RANKS, status=302), lambda two_guilds: {}),
    ],
}


# What can be deleted with DELETE; with POST everywhere else.
DELETABLE = ("destiny-api:add_wish", "destiny-api:wish")


def arguments(guild: Guild, things: Mapping[str, Any], *, owned: bool = False) -> dict[str, Any]:
    """Return the values for the places in addresses."""
    return {
        "address": guild,
        "character_id": things["held"].character_id if owned else things["character"].pk,
        "note_id": things["note"].pk,
        "former_id": things["former"].pk,
        "flag_id": things["flag"].pk,
        "set_id": things["set"].pk,
        "grant_id": things["grant"].pk,
        "session_id": things["session"].public_id,
        "view_id": things["view"].pk,
        "export_id": things["export"].pk,
        "token": "unknown",
        "token_id": things["token"].pk,
        "region": guild.region,
        "realm": guild.realm.slug,
        "guild": guild.slug,
        "rule_id": things["rule"].pk,
        "leave_id": things["leave"].pk,
        "loadout_id": uuid4(),
        "guardian_id": 1,
        "number": 1,
        "key": things["picture"].pk,
        "item_id": things["picture"].pk,
        "plan_id": things["picture"].pk,
        "table": "DestinyNothingDefinition",
        "vendor": 77,
        "item": 77,
    }
