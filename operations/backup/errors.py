"""Errors of backups."""


class BackupError(Exception):
    """A backup or a restore is not possible; the text tells operators why, and what to do."""
