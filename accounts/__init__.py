"""Who a person is: the user behind a Battle.net id, their tokens, signing in and out."""
