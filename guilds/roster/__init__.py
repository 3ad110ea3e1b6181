"""The roster: who is in the guild, found, judged and acted on."""
