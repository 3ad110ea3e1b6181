"""The admin for officers: a guild's own people see its rows there, as far as their rights in it go."""

from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

from accounts.models import User
from permissions.effective_rights import guilds_with


def is_of_the_site(request: HttpRequest) -> bool:
    """Whether the admin is open to the person for all guilds, as it is to site staff, and not only for their own."""
    return bool(request.user.is_active and request.user.is_staff)


class OfficersChangeList(ChangeList):
    """A list that an officer can filter and sort by what it shows, and by nothing else.

    Django takes any column of the model from the query string, and so answers questions about columns that the list
    hides: the WoW account of a character, say, or whether there are notes about it.
    """

    def get_filters(self, request: HttpRequest) -> Any:
        """Read the filters of the query string. Raises DisallowedModelAdminLookup for any that the list lacks."""
        found = super().get_filters(request)
        # What no filter has claimed is left over. The hierarchy of dates is turned into these two.
        hierarchy = {f"{self.date_hierarchy}__gte", f"{self.date_hierarchy}__lt"}
        undeclared = set(found[2]) - hierarchy
        if undeclared and not is_of_the_site(request):
            raise DisallowedModelAdminLookup("The list has no such filter.")
        return found

    def get_ordering_field(self, field_name: Any) -> Any:
        """Return what a column is sorted by; None for one that can't be sorted by."""
        # Django's links in the headers follow `sortable_by`, its query string does not.
        if self.sortable_by is not None and field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)


class OfficersAdmin(admin.ModelAdmin):
    """Rows that belong to guilds. Site staff see all of them, officers those of their guilds.

    Whatever the admin does, it gets its rows from `get_queryset` and asks the `has_…_permission` of the row; so the
    lists, searches, autocompletes, histories and guessed addresses of an officer know no row of another guild.
    """

    # Django's own way there goes by any row's id and asks nobody's right.
    view_on_site: Any = False
    # From a row to its guild, as in a filter, by whichever of these leads there; "pk" for the guild itself.
    guild_paths: tuple[str, ...] = ("guild",)
    # One of these is needed to see a guild's rows, and `change_right` to change them. None: nobody of a guild may.
    view_rights: tuple[str, ...] = ()
    change_right: str | None = None
    # What tells more about people than their guild may know.
    site_search_fields: tuple[str, ...] = ()
    site_fields: tuple[str, ...] = ()

    def guild_id_of(self, row: Any) -> UUID | None:
        """The guild to which the row belongs; None when it belongs to none."""
        for path in self.guild_paths:
            found: Any = row
            for step in path.split("__"):
                found = getattr(found, step, None)
            if found is not None:
                guild_id: UUID = found.pk if isinstance(found, Model) else found
                return guild_id
        return None

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """The rows that the person may know of."""
        rows = super().get_queryset(request)
        if is_of_the_site(request):
            return rows
        guilds = guilds_with(request.user, *self.view_rights)
        return rows.filter(reduce(or_, (Q((f"{path}__in", guilds)) for path in self.guild_paths)))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row; a row of another guild is not there, just as one that never was. Raises Http404."""
        found = super().get_object(request, object_id, from_field)
        if found is None and not is_of_the_site(request):
            raise Http404
        return found

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """BattleTags can be searched by the site's staff only."""
        return (*self.search_fields, *(self.site_search_fields if is_of_the_site(request) else ()))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list with the limits above."""
        return OfficersChangeList

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        """Everything that the list shows. People are sorted by their BattleTags, so by the site's staff only."""
        shown = self.get_list_display(request)
        return [one for one in shown if is_of_the_site(request) or not self._is_person(one)]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What a guild may not know about a person is on no officer's page."""
        return () if is_of_the_site(request) else self.site_fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether there is anything to see."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of a guild's row, or of any."""
        if is_of_the_site(request):
            return bool(super().has_view_permission(request, obj))
        return self._is_open(guilds_with(request.user, *self.view_rights), obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of a guild's row, or of any."""
        if is_of_the_site(request):
            return bool(super().has_change_permission(request, obj))
        return self.change_right is not None and self._is_open(guilds_with(request.user, self.change_right), obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing of a guild begins in the admin: what people make has a page of its own."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff only."""
        return is_of_the_site(request) and bool(super().has_delete_permission(request, obj))

    def _is_person(self, column: Any) -> bool:
        try:
            return bool(self.opts.get_field(column).related_model is User)
        except FieldDoesNotExist:
            return False

    def _is_open(self, guilds: frozenset[UUID], row: Any) -> bool:
        return bool(guilds) if row is None else self.guild_id_of(row) in guilds


class ReadOnlyOfficersAdmin(OfficersAdmin):
    """For what a roster or the site decides."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one by hand."""
        return False
