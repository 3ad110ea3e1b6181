"""App configuration."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The app `operations`: what operators see: status, capacity, metrics."""

    name = "operations"
