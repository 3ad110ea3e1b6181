"""Advisory locks of PostgreSQL, held to the end of the transaction: a killed worker leaves none behind.

A transaction that needs several takes them in the order account, identities, before it locks any row.
"""

from django.db import connection

from accounts.models import User


def lock_account(user: User) -> None:
    """Let one transaction at a time write to a person's account: its regions share the person's mains."""
    _lock(f"account of {user.pk}")


def lock_identities(region: str) -> None:
    """Let one transaction at a time match a region's characters, so that no two insert the same new one."""
    _lock(f"characters of {region}")


def lock_roles(*, to_correct: bool = False) -> None:
    """Let transactions that read specializations to write roles, and the one that corrects roles, wait for each other.

    The correction would not see a role that another transaction derived before it and commits after it.
    """
    _lock("roles of characters", is_shared=not to_correct)


def _lock(name: str, *, is_shared: bool = False) -> None:
    function = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext(%s))", [name])
