"""What the ranks of a guild can do on the site."""
