"""Moving items: plans by the game's rules, without a request and without a write."""
