"""The API of Destiny 2."""

from api.site import new_api, urls_of
from destiny.api import manifest, sign_in
from sync.destiny.api import characters, inventory, loadouts, moves, vendors, wishlist
from sync.destiny.api import manifest as syncing

DESCRIPTION = "Destiny 2 as your pages show it, with a personal token or a session."

v1 = new_api(title="Guildsite: Destiny 2", version="1", namespace="destiny-api", description=DESCRIPTION)
v1.add_router("/auth/bungie", sign_in.router)
v1.add_router("/manifest", manifest.router)
v1.add_router("/manifest", syncing.router)
v1.add_router("", characters.router)
v1.add_router("/loadouts", loadouts.router)
v1.add_router("", inventory.router)
v1.add_router("/moves", moves.router)
v1.add_router("", vendors.router)
v1.add_router("/wishlist", wishlist.router)

urls = urls_of(v1)
