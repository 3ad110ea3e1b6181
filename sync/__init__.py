"""How Battle.net's truth becomes ours: client, throttle, ledger, services, tasks."""
