"""Guilds and their members: roster, mains, notes, to-do, timeline, settings, deletion."""
