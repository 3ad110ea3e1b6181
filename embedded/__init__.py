"""Real PostgreSQL and Redis for a bare machine, and the processes of the site on top of them.

Everything lives in the git-ignored folder `.local` of the checkout and ends with `python -m embedded down`.
"""
