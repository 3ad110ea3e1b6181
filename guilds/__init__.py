"""Which characters stand together: guilds, memberships, the timeline, the one door to a guild."""
