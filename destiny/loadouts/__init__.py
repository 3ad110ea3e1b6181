"""Loadouts that players build here: their content and rules, the pages, sharing, and DIM's format."""
