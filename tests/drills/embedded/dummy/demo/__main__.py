"""A stand-in for the life of the demo's guild."""
