"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """The app `operations`: what operators see: status, capacity, metrics."""

    name = "operations"
    verbose_name = _("Operations")
