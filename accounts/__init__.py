"""Users, their Battle.net tokens, signing in and out, sessions, personal data and the security log."""
