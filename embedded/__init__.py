"""PostgreSQL and Redis for a machine without servers, and the processes of the site.

All data is in the git-ignored folder `.local` of the checkout; `python -m embedded down` stops the servers.
"""
