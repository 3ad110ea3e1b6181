"""The reason of a failed job, on pages."""

from django import template

from sync.wow.failure_reasons import reason

register = template.Library()
register.filter(reason)
