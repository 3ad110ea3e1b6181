"""Documents of the Platform, by component."""
