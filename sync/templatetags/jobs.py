"""Why a job failed, on pages."""

from django import template

from sync.wow.failure_reasons import reason

register = template.Library()
register.filter(reason)
