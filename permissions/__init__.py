"""What a guild's rank may do on the site."""
