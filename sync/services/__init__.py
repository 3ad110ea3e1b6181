"""Fetch, then apply: the network first, then one transaction."""
