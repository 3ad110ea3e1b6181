"""The site's API: its version, and the routers of each app."""

from api.site import new_api, urls_of
from guilds.api import exports, guilds, members, notes, roster, timeline

DESCRIPTION = "Reads what your pages show, with a personal token. Nothing can be changed."

v1 = new_api(title="Guildsite", version="1", namespace="api", description=DESCRIPTION)
for part in (guilds, roster, members, timeline, notes, exports):
    v1.add_router("/guilds", part.router)
v1.add_router("/exports", exports.addresses)

urls = urls_of(v1)
