"""A Python client for Battle.net's WoW API, with typed responses and named errors, independent of Django."""
