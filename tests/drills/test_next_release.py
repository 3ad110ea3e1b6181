"""The migrations of a next release, while the code of this one still serves."""

from pathlib import Path

import pytest

from tests.releases.clone import Clone

MOTTO = "migrations.AddField('user', 'motto', models.TextField({}))"
# Signing in is enough here; `make compatibility` also tries all pages and the sync.
SMOKE = ("-k", "still_signed_in")


@pytest.fixture
def released(tmp_path: Path) -> Clone:
    """This checkout, as release 0.1.0."""
    clone = Clone(tmp_path / "clone")
    clone.git("tag", "v0.1.0")
    return clone


def test_a_migration_that_the_last_release_does_not_survive_is_found(released: Clone) -> None:
    change = "migrations.RunSQL('UPDATE accounts_user SET battletag = upper(battletag)')"
    released.migration("accounts", change, MOTTO.format("default=''"))
    checked = released.run("releases.compatibility", *SMOKE)
    assert checked.returncode == 1
    assert 'null value in column "motto"' in checked.stdout
    assert "The code of v0.1.0 does not work on the schema of this checkout" in checked.stderr
    assert "accounts_user: 5 of 5 rows changed" in checked.stderr


def test_a_migration_that_only_adds_is_survived_and_changes_no_row(released: Clone) -> None:
    released.migration("accounts", MOTTO.format("default='', db_default=''"))
    checked = released.run("releases.compatibility", *SMOKE)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "rows of v0.1.0" in checked.stdout
    assert "are unchanged; its smoke tests passed." in checked.stdout
