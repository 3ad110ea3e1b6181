"""Access tests: what each kind of person gets from every address. The tables are docs/access.md and access-admin.md."""
