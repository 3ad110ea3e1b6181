"""Endpoints of the Platform API, by what they are about."""
