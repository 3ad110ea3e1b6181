"""The WSGI application that gunicorn serves."""

import os

import django
from django.conf import settings

from guildsite.checks import require_no_errors

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
try:
    django.setup(set_prefix=False)
    require_no_errors()
except SystemExit as refused:
    # A setting is invalid. With any other status gunicorn would start one worker after the other.
    raise SystemExit(3) from refused

from guildsite.bad_requests import Handler  # after the settings
from guildsite.statement_timeouts import limit_statements
from operations import background
from sync.engine.database_pool import use_pool, warn_in_background

limit_statements(settings.DB_STATEMENT_TIMEOUT_WEB)
use_pool("web", settings.DB_POOL_WEB)
warn_in_background()
application = Handler()
background.start("web", watches=True)
