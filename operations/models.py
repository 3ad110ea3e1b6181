"""The tables of operations: what operators are told."""

from operations.notices.models import Message, Notice

__all__ = ("Message", "Notice")
