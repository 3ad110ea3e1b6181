"""The WSGI application that gunicorn serves."""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
django.setup(set_prefix=False)

from guildsite.bad_requests import Handler  # noqa: E402  # after the settings
from guildsite.statement_timeouts import limit_statements  # noqa: E402

limit_statements(settings.DB_STATEMENT_TIMEOUT_WEB)
application = Handler()
