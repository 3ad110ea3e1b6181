"""The settings of Guildsite. What differs between installations comes from the environment, see `.env.example`."""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from kombu import Queue

from guildsite import environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.read_environment(BASE_DIR)
# Of the last release; `make release` writes it.
VERSION = str(tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"])

# --- installation -------------------------------------------------------------------------------------------------

DEBUG = environment.boolean(env, "DEBUG", default=False)
SECRET_KEY = environment.secret(env, "SECRET_KEY")
SECRET_KEY_FALLBACKS = environment.fallback_secrets(env, "SECRET_KEY_FALLBACKS")
# Encrypts the Battle.net tokens. Separate from SECRET_KEY, so that each can be changed alone.
CRYPTOGRAPHY_KEY = environment.secret(env, "CRYPTOGRAPHY_KEY")
# The first encrypts, each decrypts; see accounts.tokens.
TOKEN_KEYS = [CRYPTOGRAPHY_KEY, *environment.fallback_secrets(env, "CRYPTOGRAPHY_KEY_FALLBACKS")]
SITE_URL = environment.site_url(env, "SITE_URL", default="http://localhost:8000")
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[SITE_HOST])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = environment.redis_url(env)
# Statement timeouts of PostgreSQL in seconds, by kind of process; see guildsite.statement_timeouts.
DB_STATEMENT_TIMEOUT_WEB = environment.positive(env, "DB_STATEMENT_TIMEOUT_WEB", default=5)
DB_STATEMENT_TIMEOUT_WORKER = environment.positive(env, "DB_STATEMENT_TIMEOUT_WORKER", default=60)

# The most connections of a process to PostgreSQL, by kind of process; see sync.engine.database_pool.
DB_POOL_WEB = environment.positive(env, "DB_POOL_WEB", default=4)
DB_POOL_WORKER = environment.positive(env, "DB_POOL_WORKER", default=8)
# Whether DATABASE_URL leads to a pooler that lends a connection for one transaction; see docs/growing.md.
DB_TRANSACTION_POOLING = environment.boolean(env, "DB_TRANSACTION_POOLING", default=False)

WSGI_APPLICATION = "guildsite.wsgi.application"
ROOT_URLCONF = "guildsite.urls"

# Web and Celery processes have a pool instead of connections that stay open.
DATABASES = {
    "default": {
        **environment.database(env),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # They would need the same connection to the server in the next transaction.
        "DISABLE_SERVER_SIDE_CURSORS": DB_TRANSACTION_POOLING,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "guildsite",
        # A Redis that hangs holds up a page no longer than this.
        "OPTIONS": {"socket_timeout": 3, "socket_connect_timeout": 3},
    }
}

# --- Battle.net --------------------------------------------------------------------------------------------------

BLIZZARD_CLIENT_ID = environment.required(env, "BLIZZARD_CLIENT_ID")
BLIZZARD_CLIENT_SECRET = environment.required(env, "BLIZZARD_CLIENT_SECRET")
BLIZZARD_OAUTH_URL = environment.web_url(env, "BLIZZARD_OAUTH_URL", default="https://oauth.battle.net")
BLIZZARD_API_URL = environment.web_url(env, "BLIZZARD_API_URL", default="https://{region}.api.blizzard.com")
# Where pictures may come from; see docs/decisions/0054-pictures-from-battle-net.md. None without an address.
BLIZZARD_MEDIA_URLS = environment.web_urls(
    env, "BLIZZARD_MEDIA_URLS", "https://render.worldofwarcraft.com", "https://render-{region}.worldofwarcraft.com"
)
BLIZZARD_REGIONS = environment.regions(env)
BLIZZARD_API_LOCALE = env.str("BLIZZARD_API_LOCALE", default="en_US")
BLIZZARD_RATE_PER_SECOND = environment.positive(env, "BLIZZARD_RATE_PER_SECOND", default=100)
BLIZZARD_RATE_PER_HOUR = environment.positive(env, "BLIZZARD_RATE_PER_HOUR", default=36_000)
BLIZZARD_RESERVE_PER_SECOND = environment.percent(env, "BLIZZARD_RESERVE_PER_SECOND", default=20)
BLIZZARD_RESERVE_PER_HOUR = environment.percent(env, "BLIZZARD_RESERVE_PER_HOUR", default=10)
BLIZZARD_ROSTER_RESERVE_PER_HOUR = environment.percent(env, "BLIZZARD_ROSTER_RESERVE_PER_HOUR", default=5)
# During an outage, one request of a kind is sent this often, to see whether it is over.
OUTAGE_PROBE_SECONDS = environment.positive(env, "OUTAGE_PROBE_SECONDS", default=60)
CHARACTER_RETENTION_DAYS = environment.positive(env, "CHARACTER_RETENTION_DAYS", default=60)
REVALIDATION_DAYS = environment.positive(env, "REVALIDATION_DAYS", default=30)
# The upper bound of every guild's setting for how long a link gives permissions after a sign-in.
LINK_DAYS_MAX = environment.up_to(env, "LINK_DAYS_MAX", default=90, most=90)

# --- Bungie.net ---------------------------------------------------------------------------------------------------

BUNGIE_CLIENT_ID, BUNGIE_CLIENT_SECRET, BUNGIE_API_KEY = environment.all_or_none(
    env, "BUNGIE_CLIENT_ID", "BUNGIE_CLIENT_SECRET", "BUNGIE_API_KEY"
)
# Whether there is Destiny 2 on this site at all: without it no page, schedule or admin entry mentions it.
DESTINY_ENABLED = bool(BUNGIE_API_KEY)
# Of the sign-in page, the API and the content files.
BUNGIE_URL = environment.web_url(env, "BUNGIE_URL", default="https://www.bungie.net")
# Bungie's limit for all programs of one address.
BUNGIE_RATE_PER_10_SECONDS = environment.positive(env, "BUNGIE_RATE_PER_10_SECONDS", default=250)
BUNGIE_RESERVE_PER_10_SECONDS = environment.percent(env, "BUNGIE_RESERVE_PER_10_SECONDS", default=30)
BUNGIE_WRITE_LAG_SECONDS = environment.positive(env, "BUNGIE_WRITE_LAG_SECONDS", default=30)
# Bungie offers no PKCE; what it does with its parameters is not known.
BUNGIE_OAUTH_PKCE = environment.boolean(env, "BUNGIE_OAUTH_PKCE", default=False)

# --- the manifest of Destiny 2 ---------------------------------------------------------------------------------------

# Where its content is kept: as definitions in PostgreSQL, which pages need, and as the SQLite files it comes in.
MANIFEST_STORES = environment.choices(env, "MANIFEST_STORES", "postgresql", "files", default="postgresql")
MANIFEST_IN_POSTGRESQL, MANIFEST_IN_FILES = "postgresql" in MANIFEST_STORES, "files" in MANIFEST_STORES
MANIFEST_DIR = environment.folder(env, "MANIFEST_DIR", default=BASE_DIR / ".local" / "manifest")
MANIFEST_S3 = environment.object_store(env, "MANIFEST_S3")

# --- backups ---------------------------------------------------------------------------------------------------

# Where the daily backup goes; see docs/backup.md.
BACKUP_DIR = environment.folder(env, "BACKUP_DIR", default=BASE_DIR / "backups")

# --- monitoring ------------------------------------------------------------------------------------------------

# Whether a missing worker or scheduler makes /readyz answer 503.
READYZ_NEEDS_WORKERS = environment.boolean(env, "READYZ_NEEDS_WORKERS", default=True)
# The bearer token of /metrics; without one the page does not exist.
METRICS_TOKEN = environment.optional_secret(env, "METRICS_TOKEN")
# The largest size of the database in bytes, if there is a limit; operators are told before it is reached.
DATABASE_SIZE_LIMIT = environment.count(env, "DATABASE_SIZE_LIMIT_GB", default=0) * 1024**3
# Who is told what is wrong with the site, and when it is over.
NOTICE_EMAILS = environment.email_addresses(env, "NOTICE_EMAILS")
NOTICE_WEBHOOK = environment.optional_web_url(env, "NOTICE_WEBHOOK")
_mail = environment.mail(env)
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"guildsite@{SITE_HOST}")

# --- apps and middleware -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "guildsite.apps.GuildsiteConfig",
    "guildsite.apps.GuildsiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.battlenet",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "template_partials",
    "accounts",
    "api",
    "characters",
    "guilds",
    "permissions",
    "destiny",
    "sync",
    "operations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # After static files, which are compressed once, and around all that reads or changes a page. Random bytes in the
    # header of each answer hide how well it compresses, so that a token in it can't be guessed (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "guildsite.access_log.AccessLog",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "guildsite.headers.PrivateByDefault",
    # After everything that sets headers, so that refusals have them too, and before everything that reads the request.
    "guildsite.bad_requests.RefuseBadRequests",
    "accounts.client_ip.ClientIPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.session_store.SessionUserMiddleware",
    "accounts.reader_locale.ReaderLocale",
    "accounts.session_store.LastUsedMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "guildsite.statement_timeouts.AnswerTimeouts",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

FORM_RENDERER = "guildsite.form_renderer.FormRenderer"

# --- signing in with Battle.net ----------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "permissions.backends.GuildRankBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "characters:mine"

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
# allauth requires a method for its forms, which this site does not use.
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "landing"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_ONLY = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
# allauth would store tokens in plain text; accounts.BattlenetToken stores them encrypted.
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
SOCIALACCOUNT_PROVIDERS = {
    "battlenet": {
        "provider_class": "accounts.battlenet.GuildsiteBattlenetProvider",
        "APP": {"client_id": BLIZZARD_CLIENT_ID, "secret": BLIZZARD_CLIENT_SECRET},
        "SCOPE": ["openid", "wow.profile"],
    },
    "bungie": {
        "APP": {"client_id": BUNGIE_CLIENT_ID, "secret": BUNGIE_CLIENT_SECRET},
        "OAUTH_PKCE_ENABLED": BUNGIE_OAUTH_PKCE,
    },
}

# Sign-in attempts allowed per IP address.
SIGN_IN_RATE = "20/5m"
# Requests to the API allowed per token.
API_RATE = "120/m"
TRUSTED_PROXIES = environment.count(env, "TRUSTED_PROXIES", default=0)
RATELIMIT_IP_META_KEY = "accounts.client_ip.client_ip_of"

# --- security ----------------------------------------------------------------------------------------------------

HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# Browsers accept a cookie with this prefix only over https, for this host and all of its paths.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_FAILURE_VIEW = "guildsite.error_pages.csrf_failure"
# In the session instead of a cookie, which would contain people's names in plain text.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = False  # left to the reverse proxy; here it would break health checks over plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 3600 * 24 * 365 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SILENCED_SYSTEM_CHECKS = [
    "account.W001",  # about ACCOUNT_LOGIN_METHODS
    "security.W005",  # subdomains can belong to others
    "security.W008",  # see SECURE_SSL_REDIRECT
    "security.W021",  # the preload list is the operator's choice, and hard to undo
]
X_FRAME_OPTIONS = "DENY"
# The session table decides when a session expires, see accounts.session_store.
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_AGE = 14 * 24 * 3600

_oauth, _bungie = urlsplit(BLIZZARD_OAUTH_URL), urlsplit(BUNGIE_URL)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # Browsers check every redirect after a form against this list, and Battle.net's sign-in redirects between
        # several of its hosts.
        "form-action": [
            SELF,
            f"{_oauth.scheme}://{_oauth.netloc}",
            "https://*.battle.net",
            *([f"{_bungie.scheme}://{_bungie.netloc}"] if DESTINY_ENABLED else []),
        ],
    }
}

# --- language and time -------------------------------------------------------------------------------------------

# Those that the site offers; see docs/decisions/0051-translations-without-gettext.md.
LANGUAGES = environment.languages(env, "SITE_LANGUAGES", en="English", fr="Français")
LANGUAGE_CODE = LANGUAGES[0][0]
# English besides, for names that another language lacks.
MANIFEST_LANGUAGES = environment.choices(
    env,
    "MANIFEST_LANGUAGES",
    *environment.MANIFEST_LANGUAGES,
    default=",".join(dict.fromkeys([*(code for code, _ in LANGUAGES), "en"])),
)
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "guildsite.formats"
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "UTC"

# --- static files ------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    # The SQLite files of the manifest.
    "manifest": {"BACKEND": "destiny.manifest.object_store.ObjectStore", "OPTIONS": MANIFEST_S3}
    if MANIFEST_S3
    else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MANIFEST_DIR}},
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "guildsite.static_files.StaticFiles"
    },
}

# --- background work ---------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT = "guildsite.redis_transport:Transport"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_DB_REUSE_MAX = 10**9  # see guildsite.celery
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Keep reconnecting however long Redis is down.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "sync.engine.scheduler:Scheduler"
# Workers serve what somebody waits for before background jobs.
CELERY_TASK_QUEUES = [Queue("interactive"), Queue("background")]
CELERY_TASK_DEFAULT_QUEUE = "background"
CELERY_BROKER_TRANSPORT_OPTIONS = {"queue_order_strategy": "priority"}

LOG_FORMAT = environment.choice(env, "LOG_FORMAT", "text", "json")
# A line for every request to Battle.net; otherwise only for those that failed.
LOG_OUTGOING = environment.boolean(env, "LOG_OUTGOING", default=False)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "guildsite.logs.ShortLines",
            "format": "%(asctime)s %(request_id)s %(levelname)s %(name)s: %(message)s",
        },
        "json": {"()": "guildsite.logs.JsonLines"},
        "message": {"format": "%(message)s"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
        "json_lines": {"class": "logging.StreamHandler", "formatter": "message"},
    },
    # Sent and received tasks are not logged: the dispatcher alone runs every two seconds.
    "loggers": {
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "sync.engine.http": {"level": "DEBUG" if LOG_OUTGOING else "INFO"},
        # Two lines each time a connection is used.
        "psycopg.pool": {"level": "WARNING"},
        # The security log: JSON lines without a prefix.
        "guildsite.security": {"handlers": ["json_lines"], "level": "INFO", "propagate": False},
        # In our format: its own quotes requests in full.
        "gunicorn.error": {"handlers": ["stderr"], "propagate": False},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
