"""The tables of operations: what operators are told, and which backups were made."""

from operations.backup.history import BackupRun
from operations.notices.models import Message, Notice

__all__ = ("BackupRun", "Message", "Notice")
