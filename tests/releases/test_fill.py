"""The rows of a release that its successor migrates."""

import pytest
from django.apps import apps

from tests.releases import fill


@pytest.mark.django_db
def test_every_table_gets_a_row_that_its_constraints_allow() -> None:
    fill.main()
    models = [model for label in fill.OURS for model in apps.get_app_config(label).get_models()]
    assert [model._meta.label for model in models if not model._default_manager.exists()] == []
