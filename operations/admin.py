"""Periodic tasks in the admin: which run, and how often. What they do comes with each release."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat.admin import PeriodicTaskAdmin
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule

from accounts.readable_admin import ReadableAdmin

for theirs in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(theirs)


@admin.register(PeriodicTask)
class TaskAdmin(ReadableAdmin, PeriodicTaskAdmin):  # type: ignore[misc]  # the package has no types
    """Periodic tasks, without the arguments and options that no schedule needs to change."""

    form = forms.ModelForm
    list_display = ("name", "enabled", "interval", "crontab", "last_run_at", "total_run_count")
    list_filter = ("enabled", "last_run_at")
    list_select_related = ("interval", "crontab")
    date_hierarchy = None
    fieldsets = None
    fields = ("name", "task", "description", "enabled", "interval", "crontab", "last_run_at", "total_run_count")
    readonly_fields = ("name", "task", "last_run_at", "total_run_count")
    change_form_template = None
    actions = ("enable_tasks", "disable_tasks", "run_tasks")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what can't be typed: of a task that exists, what it does, too."""
        found = super().get_readonly_fields(request, obj)
        return found if obj else [name for name in found if name not in ("name", "task")]


@admin.register(IntervalSchedule)
class IntervalAdmin(ReadableAdmin):
    """Intervals for periodic tasks."""


@admin.register(CrontabSchedule)
class CrontabAdmin(ReadableAdmin):
    """Times of day for periodic tasks."""

    list_display = ("human_readable", "timezone")
    fields = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone")
