"""The demo of the stand-in for a site."""
