"""Base classes for the admin of rows that belong to guilds: officers see those of their guilds, by their rights."""

from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

from accounts.models import User
from accounts.readable_admin import ReadOnlyAdmin
from permissions.effective_rights import guilds_with


def is_site_staff(request: HttpRequest) -> bool:
    """Return whether the user can see the rows of all guilds, and not only of their own."""
    return bool(request.user.is_active and request.user.is_staff)


class OfficersChangeList(ChangeList):
    """A list that officers can only filter and sort by what it shows.

    Django accepts any column of the model in the query string, which reveals columns that the list hides, such as the
    WoW account of a character, or whether there are notes about it.
    """

    def get_filters(self, request: HttpRequest) -> Any:
        """Return the filters. Raises DisallowedModelAdminLookup for a parameter that belongs to none of the list's."""
        found = super().get_filters(request)
        # What no filter has claimed is left over. The date hierarchy becomes these two.
        hierarchy = {f"{self.date_hierarchy}__gte", f"{self.date_hierarchy}__lt"}
        undeclared = set(found[2]) - hierarchy
        if undeclared and not is_site_staff(request):
            raise DisallowedModelAdminLookup("The list has no such filter.")
        return found

    def get_ordering_field(self, field_name: Any) -> Any:
        # Django applies `sortable_by` to the links in the headers, but not to the query string.
        if self.sortable_by is not None and field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)


class OfficersAdmin(ReadOnlyAdmin):
    """Rows that belong to guilds, to look at. Site staff see all of them, officers those of their guilds.

    Guilds are changed on their pages, which show what a change does; see docs/decisions/0022-officers-admin.md.

    Everything in the admin takes its rows from `get_queryset` and checks the `has_…_permission` methods, so lists,
    searches, autocompletes, histories and guessed URLs show officers no row of another guild.
    """

    # Django's link to the page of a row checks no rights.
    view_on_site: Any = False
    # The lookups from a row to its guild, of which the first that leads to one counts; "pk" for the guild itself.
    guild_paths: tuple[str, ...] = ("guild",)
    # Officers need one of these to see a guild's rows.
    view_rights: tuple[str, ...] = ()
    # Personal data that only site staff can see and search.
    site_search_fields: tuple[str, ...] = ()
    site_fields: tuple[str, ...] = ()

    def guild_id_of(self, row: Any) -> UUID | None:
        for path in self.guild_paths:
            found: Any = row
            for step in path.split("__"):
                found = getattr(found, step, None)
            if found is not None:
                guild_id: UUID = found.pk if isinstance(found, Model) else found
                return guild_id
        return None

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = super().get_queryset(request)
        if is_site_staff(request):
            return rows
        guilds = guilds_with(request.user, *self.view_rights)
        return rows.filter(reduce(or_, (Q((f"{path}__in", guilds)) for path in self.guild_paths)))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row. Raises Http404 for another guild's, as for one that does not exist."""
        found = super().get_object(request, object_id, from_field)
        if found is None and not is_site_staff(request):
            raise Http404
        return found

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.search_fields, *(self.site_search_fields if is_site_staff(request) else ()))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OfficersChangeList

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        """Return the sortable columns. Players are sorted by BattleTag, which only site staff can see."""
        shown = self.get_list_display(request)
        return [one for one in shown if is_site_staff(request) or not self._is_person(one)]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if is_site_staff(request) else self.site_fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if is_site_staff(request):
            return bool(super().has_view_permission(request, obj))
        return self._is_open(guilds_with(request.user, *self.view_rights), obj)

    def _is_person(self, column: Any) -> bool:
        try:
            return bool(self.opts.get_field(column).related_model is User)
        except FieldDoesNotExist:
            return False

    def _is_open(self, guilds: frozenset[UUID], row: Any) -> bool:
        return bool(guilds) if row is None else self.guild_id_of(row) in guilds
