"""The endpoints of the API: path, lookup of the subject, and renderer of the document."""
