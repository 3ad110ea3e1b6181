"""Users, tokens and the security log in the admin. Tokens themselves are shown to nobody."""

from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, Field, ManyToManyField, QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.data_requests import delete_account
from accounts.models import BattlenetToken, User
from accounts.readable_admin import ReadableAdmin, ReadOnlyAdmin
from accounts.services import record_changed_access

# Parts of allauth that this site does not use (mail, plain-text tokens, providers configured in the database), and its
# own rows of accounts, which say no more than those of users. Groups are registered below.
for unused in (EmailAddress, SocialAccount, SocialApp, SocialToken, Group):
    admin.site.unregister(unused)
# The icons of Django's widget for many choices have no accessible name.
CHECKBOXES: dict[type["Field[Any, Any]"], dict[str, Any]] = {ManyToManyField: {"widget": CheckboxSelectMultiple}}


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin):
    """Permissions of staff who are not site admins."""

    filter_horizontal = ()
    formfield_overrides = CHECKBOXES


@admin.register(User)
class UserAdmin(ReadableAdmin):
    """Users, and who is staff or site admin."""

    list_display = ("battletag", "battlenet_id", "character_count", "is_active", "is_staff", "last_login", "created_at")
    list_filter = ("is_active", "is_staff", "last_login")
    search_fields = ("battletag", "=battlenet_id")
    fields = (
        "battletag",
        "battlenet_id",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "last_login",
        "created_at",
        "updated_at",
    )
    readonly_fields = ("battletag", "battlenet_id", "last_login", "created_at", "updated_at")
    formfield_overrides = CHECKBOXES

    def get_queryset(self, request: HttpRequest) -> "QuerySet[User]":
        users: QuerySet[User] = super().get_queryset(request)
        return users.annotate(number_of_characters=Count("characters"))

    @admin.display(description=_("characters"), ordering="number_of_characters")
    def character_count(self, user: Any) -> int:
        return int(user.number_of_characters)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        record_changed_access(user=form.instance, actor=cast(User, request.user), changed=changed)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: users are created when they sign in through Battle.net."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Describe what is deleted. Django would check the permission to delete for each table."""
        lines: list[Any] = []
        for person in objs:
            lines.append(f"{person.battletag} ({person.battlenet_id})")
            lines.append([_("token, sessions, links to characters, grants, exports")])
        return lines, {User._meta.verbose_name_plural: len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_account(person=obj, actor=cast(User, request.user))

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        for person in queryset:
            self.delete_model(request, person)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """Log nothing: the admin's log would keep the names. The security log records the deletion."""
        return []


@admin.register(BattlenetToken)
class BattlenetTokenAdmin(ReadOnlyAdmin):
    """The scopes and expiry of tokens."""

    list_display = ("user", "scopes", "expires_at", "updated_at")
    list_filter = ("expires_at",)
    search_fields = ("user__battletag",)
    fields = ("user", "scopes", "expires_at", "created_at", "updated_at")
    list_select_related = ("user",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[BattlenetToken]":
        """Don't load the tokens themselves."""
        return super().get_queryset(request).defer("access_token", "refresh_token")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let site admins delete a token: its user has to sign in again."""
        return bool(request.user.is_superuser)
