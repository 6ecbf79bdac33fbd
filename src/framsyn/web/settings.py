"""Settings of the site. Everything that differs between machines comes from the environment.

=====================  ==========================================================================================
DATABASE_URL           postgres://user:password@host/name; without it SQLite in FRAMSYN_DATA
FRAMSYN_DATA           folder of the database file, the secret key and stored runs; default ./framsyn-data
FRAMSYN_SECRET_KEY     default: made once and kept in FRAMSYN_DATA/secret-key
FRAMSYN_HOSTS          host names that are answered beside this machine's own, parted by commas
FRAMSYN_HTTPS          1 behind a reverse proxy that speaks HTTPS: secure cookies, HSTS, X-Forwarded-Proto is believed
FRAMSYN_DEBUG          1 while developing: error pages with the cause
FRAMSYN_DEMO           1 shows the demo's logins on the login page
FRAMSYN_LOG            json (default) or text
FRAMSYN_PAGE_CACHE     0 turns the cache of anonymous pages off
FRAMSYN_SITE_URL       address of the site as letters write it; default from FRAMSYN_HOSTS
FRAMSYN_EMAIL_URL      mail server, smtp://user:password@host:port?tls=1&from=address; without it no letter is sent
FRAMSYN_REMINDERS      0 leaves the daily reminders to `framsyn followup remind`
FRAMSYN_OIDC           TOML file that tells the providers of single sign-on
FRAMSYN_PASSWORD_LOGIN everybody (default), or administrators: all others log in by single sign-on
FRAMSYN_REQUIRE_TOTP   roles that need a second factor before they change anything, parted by commas
FRAMSYN_SESSION_HOURS  how long a login lasts at most; default 12
FRAMSYN_IDLE_HOURS     how long a login lasts without being used; default 2
FRAMSYN_AUDIT_SEALING  0 leaves sealing the audit log to `framsyn audit seal`
=====================  ==========================================================================================
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from framsyn.web.followup.mail_settings import read_email_url
from framsyn.web.operations.secret import secret_key


def _flag(name: str, default: str = "0") -> bool:
    return os.environ.get(name, default) == "1"


HERE = Path(__file__).parent
DATA = Path(os.environ.get("FRAMSYN_DATA", "framsyn-data")).absolute()
DEBUG = _flag("FRAMSYN_DEBUG")
DEMO = _flag("FRAMSYN_DEMO")
HTTPS = _flag("FRAMSYN_HTTPS")
PAGE_CACHE = _flag("FRAMSYN_PAGE_CACHE", "1")
AUDIT_SEALING = _flag("FRAMSYN_AUDIT_SEALING", "1")
SECRET_KEY = os.environ.get("FRAMSYN_SECRET_KEY") or secret_key(DATA)
HOSTS = [host.strip() for host in os.environ.get("FRAMSYN_HOSTS", "").split(",") if host.strip()]
SITE_URL = os.environ.get("FRAMSYN_SITE_URL") or (
    f"{'https' if HTTPS else 'http'}://{HOSTS[0] if HOSTS else '127.0.0.1:8000'}"
)
REMINDERS = _flag("FRAMSYN_REMINDERS", "1")
globals().update(read_email_url(os.environ.get("FRAMSYN_EMAIL_URL", ""), HOSTS[0] if HOSTS else "localhost"))
ALLOWED_HOSTS = [*HOSTS, "localhost", "127.0.0.1", "[::1]"]  # the machine itself asks how the site is
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "framsyn.web.accounts.apps.AccountsConfig",
    "framsyn.web.audit.apps.AuditConfig",
    "framsyn.web.plan.apps.PlanConfig",
    "framsyn.web.indicators.apps.IndicatorsConfig",
    "framsyn.web.goals.apps.GoalsConfig",
    "framsyn.web.measures.apps.MeasuresConfig",
    "framsyn.web.followup.apps.FollowupConfig",
    "framsyn.web.outlooks.apps.OutlooksConfig",
    "framsyn.web.wheel.apps.WheelConfig",
    "framsyn.web.voice.apps.VoiceConfig",
    "framsyn.web.search.apps.SearchConfig",
    "framsyn.web.drafts.apps.DraftsConfig",
    "framsyn.web.notes.apps.NotesConfig",
    "framsyn.web.attainment.apps.AttainmentConfig",
    "framsyn.web.api.apps.ApiConfig",
    "framsyn.web.plan_import.apps.PlanImportConfig",
    "framsyn.web.scenarios.apps.ScenariosConfig",
    "framsyn.web.assumptions.apps.AssumptionsConfig",
    "framsyn.web.pages.apps.PagesConfig",
]

MIDDLEWARE = [
    "framsyn.web.middleware.RequestLog",
    "framsyn.web.api.answers.ApiAnswers",  # outermost but the log: it answers for all others below /api/
    "framsyn.web.stories.embedding.Embedding",  # outside those whose headers and cookies it takes back
    "framsyn.web.accounts.middleware.SecureHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "framsyn.web.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "framsyn.web.accounts.middleware.WhoAsks",
    "framsyn.web.scenarios.reader.WhoReads",
    "django.contrib.messages.middleware.MessageMiddleware",
    "framsyn.web.accounts.middleware.SessionLife",
    "framsyn.web.accounts.middleware.SecondFactorFirst",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "framsyn.web.middleware.Refusals",
    "framsyn.web.middleware.PageCache",
    "django.middleware.gzip.GZipMiddleware",  # inside the cache, so that a kept page is packed once
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "framsyn.web.urls"
WSGI_APPLICATION = "framsyn.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "loaders": [
                ("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])
            ]
            if not DEBUG
            else ["django.template.loaders.filesystem.Loader"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "framsyn.web.pages.context.site",
                "framsyn.web.followup.context.my_work",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "framsyn.web.templatetags.files",
                "framsyn.web.templatetags.texts",
                "framsyn.web.templatetags.look",
                "framsyn.web.templatetags.feeds",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{(DATA / 'plan.sqlite3').as_posix()}", conn_max_age=600, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Readers never wait for a writer (WAL); a writer takes its place at the start instead of failing in the middle.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "framsyn.web.accounts.lockout.LockoutBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_LOGIN = os.environ.get("FRAMSYN_PASSWORD_LOGIN", "everybody")
OIDC = os.environ.get("FRAMSYN_OIDC", "")
REQUIRE_TOTP = frozenset(
    role.strip() for role in os.environ.get("FRAMSYN_REQUIRE_TOTP", "").split(",") if role.strip()
)
OTP_TOTP_ISSUER = "Framsyn"
RATE_LIMITS = True
# Five wrong passwords for one name from one address, then a rest; nothing else about logins is kept.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "framsyn.web.accounts.limits.mark_of_address"
AXES_USERNAME_CALLABLE = "framsyn.web.accounts.lockout.typed_name"
AXES_LOCKOUT_CALLABLE = "framsyn.web.accounts.lockout.as_answered"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_ENGINE = "framsyn.web.accounts.sessions"
SESSION_LONGEST = timedelta(hours=float(os.environ.get("FRAMSYN_SESSION_HOURS", "12")))
SESSION_IDLE = timedelta(hours=float(os.environ.get("FRAMSYN_IDLE_HOURS", "2")))
SESSION_COOKIE_AGE = int(SESSION_LONGEST.total_seconds())

SCENARIO_COMPUTING = True  # by a thread of the process that is asked for a page

# Calls of the programming interface, and seconds that they are spread over: of one client, in one process.
API_RATES = {"read": (600, 60), "write": (120, 60), "wrong token": (20, 600)}
# Answers of the explorer that one address may ask for at once, and seconds in which as many more may be asked for; a whole
# hospital may be behind one address.
EXPLORER_RATE = (600, 10)

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", _("Norwegian Bokmål")), ("nn", _("Norwegian Nynorsk")), ("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
TIME_ZONE = "Europe/Oslo"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
STATIC_ROOT = None  # served from the package: no collectstatic needed
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+-[0-9A-Z]{8}\.(css|js|svg)$"  # a built file whose name changes with it

# Bytes of one upload; counted while they come in.
UPLOAD_LIMIT = 25 * 2**20
FILE_UPLOAD_HANDLERS = [
    "framsyn.web.plan_import.handlers.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = "language"
# Whether subdomains are HTTPS as well, and whether browsers shall know beforehand, is for the owner of the domain to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked for on the machine itself, past the proxy
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "framsyn.web.operations.logs.JsonFormatter"},
        "text": {"()": "framsyn.web.operations.logs.TextFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": os.environ.get("FRAMSYN_LOG", "json")}
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"framsyn": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
