"""Permissions of a guild's ranks on the site."""
