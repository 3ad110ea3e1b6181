"""The endpoints of the API: for each, the path, how its subject is found, and the document made of it."""
