"""URLs of the pages about a player's Bungie account and Destiny data. Those of the manifest are in `destiny.urls`."""

from django.urls import include, path

from destiny.urls import urlpatterns as manifest
from sync.destiny.pages import account, home, inventory, item, milestones, moves, own, vendors, wishlist
from sync.destiny.pages.loadouts.urls import urlpatterns as loadouts

# One namespace for all pages of Destiny, whichever layer they are in.
DESTINY = (
    [
        path("", home.home, name="home"),
        path("updates/", own.updates, name="updates"),
        path("inventory/", inventory.inventory, name="inventory"),
        path("items/<uuid:item_id>/", item.item, name="item"),
        path("compare/", item.compare, name="compare"),
        *loadouts,
        path("items/<uuid:item_id>/move/", moves.move, name="move"),
        path("moves/", moves.plans, name="moves"),
        path("moves/<uuid:plan_id>/", moves.plan, name="plan"),
        path("moves/<uuid:plan_id>/updates/", moves.updates, name="plan_updates"),
        path("moves/<uuid:plan_id>/cancel/", moves.cancel_plan, name="plan_cancel"),
        path("vendors/", vendors.vendors, name="vendors"),
        path("vendors/<int:vendor>/", vendors.vendor, name="vendor"),
        path("vendors/public/", vendors.public_vendors, name="public_vendors"),
        path("vendors/public/<int:vendor>/", vendors.public_vendor, name="public_vendor"),
        path("milestones/", milestones.milestones, name="milestones"),
        path("wishlist/", wishlist.wishlist, name="wishlist"),
        path("wishlist/change/", wishlist.change, name="wish"),
        path("wishlist/dismiss/", wishlist.dismiss, name="dismiss_notice"),
        *manifest,
    ],
    "destiny",
)
urlpatterns = [
    path("account/bungie/", account.bungie, name="account_bungie"),
    path("account/bungie/refresh/", account.refresh, name="account_bungie_refresh"),
    path("account/bungie/membership/", account.choose, name="account_bungie_membership"),
    path("account/bungie/disconnect/", account.disconnect, name="account_bungie_disconnect"),
    path("destiny/", include(DESTINY)),
]
