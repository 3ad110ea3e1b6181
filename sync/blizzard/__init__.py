"""Battle.net's WoW API for Python: a client, its typed answers, its named errors. Knows nothing of Django."""
