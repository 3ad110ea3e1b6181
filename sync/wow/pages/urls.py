"""URLs of the pages that show sync data. Namespaces and paths follow the subject of each page."""

from django.urls import include, path

from sync.wow.pages import account, guild, my_characters

GUILD = "guilds/<guild:address>"
CHARACTERS = ([path("", my_characters.mine, name="mine")], "characters")
SYNC = (
    [
        path("characters/refresh/", my_characters.refresh_mine, name="refresh_mine"),
        path(f"{GUILD}/sync/", guild.guild, name="guild"),
        path(f"{GUILD}/sync/refresh/", guild.refresh_guild, name="refresh_guild"),
        path(f"{GUILD}/sync/retry/", guild.retry, name="retry"),
    ],
    "sync",
)
urlpatterns = [
    path("account/", account.account, name="account"),
    path("characters/", include(CHARACTERS)),
    path("", include(SYNC)),
]
