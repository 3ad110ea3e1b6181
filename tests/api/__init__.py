"""The API: tokens, answers, errors, pages and exports."""
