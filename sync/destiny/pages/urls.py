"""URLs of the pages about a player's Bungie account."""

from django.urls import path

from sync.destiny.pages import account

urlpatterns = [
    path("account/bungie/", account.bungie, name="account_bungie"),
    path("account/bungie/membership/", account.choose, name="account_bungie_membership"),
    path("account/bungie/disconnect/", account.disconnect, name="account_bungie_disconnect"),
]
