"""Who gets what from every address, expected against observed; the table is docs/access.md."""
