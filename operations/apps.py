"""App configuration."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The app `operations`: what operators see and are told."""

    name = "operations"
