"""The guilds' part of the API: addresses that read, with the rights of the pages."""
