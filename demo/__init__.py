"""The story of the demo's guild: 90 days in which the sandbox's world changes and people use the site."""
