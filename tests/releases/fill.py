"""`python -m tests.releases.fill`: put rows into an empty database, by this release's own code.

A later release migrates them and compares (`make compatibility`).
"""

import os

import django


def main() -> None:
    """Make a guild, its people, and every kind of data about one of them."""
    from accounts.models import User
    from tests.accounts.full_account import fill_account, log_admin_change
    from tests.factories import make_job, night_watch
    from tests.personas import Personas

    users: dict[str, User] = {}

    def person(name: str) -> User:
        if name not in users:
            users[name] = User.objects.create_user(1_000 + len(users), f"{name}#{1_000 + len(users)}")
        return users[name]

    personas = Personas(night_watch(), person)
    make_job(personas.guild)
    personas.join()
    log_admin_change(fill_account(personas), personas["Ada"])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
    django.setup()
    main()
