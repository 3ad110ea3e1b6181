"""URLs of the pages that show sync data. Namespaces and paths follow the subject of each page."""

from django.urls import include, path

from sync.wow.pages import guild, player

GUILD = "guilds/<guild:address>"
CHARACTERS = ([path("", player.mine, name="mine")], "characters")
SYNC = (
    [
        path("characters/refresh/", player.refresh_mine, name="refresh_mine"),
        path(f"{GUILD}/sync/", guild.guild, name="guild"),
        path(f"{GUILD}/sync/refresh/", guild.refresh_guild, name="refresh_guild"),
        path(f"{GUILD}/sync/retry/", guild.retry, name="retry"),
    ],
    "sync",
)
urlpatterns = [
    path("account/", player.account, name="account"),
    path("characters/", include(CHARACTERS)),
    path("", include(SYNC)),
]
