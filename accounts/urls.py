"""URLs of the landing page, signing in and the account pages. allauth looks them up by name."""

from django.urls import path

from accounts import account_views, preferences, views

# Only with Destiny, see `guildsite.urls`.
bungie_urlpatterns = [
    path("accounts/bungie/login/", views.bungie_login, name="bungie_login"),
    path("accounts/bungie/login/callback/", views.bungie_callback, name="bungie_callback"),
]
urlpatterns = [
    path("", views.landing, name="landing"),
    path("account/data/", account_views.your_data, name="account_data"),
    path("account/preferences/", preferences.preferences, name="account_preferences"),
    path("language/", preferences.choose_language, name="language"),
    path("account/export/", account_views.export, name="account_export"),
    path("account/export/<uuid:export_id>/", account_views.download, name="account_download"),
    path("account/delete/", account_views.delete, name="account_delete"),
    path("account/sessions/", account_views.sessions, name="account_sessions"),
    path("account/sessions/end/", account_views.end_everywhere, name="account_end_sessions"),
    path("account/sessions/<uuid:session_id>/end/", account_views.end, name="account_end_session"),
    path("accounts/login/", views.sign_in, name="account_login"),
    path("accounts/logout/", views.sign_out, name="account_logout"),
    path("accounts/inactive/", views.inactive, name="account_inactive"),
    path("accounts/battlenet/login/", views.battlenet_login, name="battlenet_login"),
    path("accounts/battlenet/login/callback/", views.battlenet_callback, name="battlenet_callback"),
]
