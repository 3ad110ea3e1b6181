"""The sync: engine, clients of the APIs, games, and what operators see."""
