"""Generated requests: every route, method, parameter, header and cookie, for a visitor, members and site admins.

`GENERATED_REQUESTS=10000 make test ARGS="tests/generated -n0 -s"` sends that many; `GENERATED_SEED=7` sends others.
"""
