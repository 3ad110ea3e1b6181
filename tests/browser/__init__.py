"""The site in a real browser, as people use it: gunicorn, a worker and the sandbox run in processes of their own."""
