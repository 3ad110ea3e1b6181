"""URLs of the account page with a player's tokens."""

from django.urls import path

from api import views

urlpatterns = [
    path("account/tokens/", views.tokens, name="account_tokens"),
    path("account/tokens/<uuid:token_id>/revoke/", views.revoke, name="account_revoke_token"),
]
