"""Settings that hold everywhere. Each environment variable is listed in docs/administrators.md."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from cms.settings import environment
from cms.settings.database import database
from cms.settings.mail import mail
from cms.settings.storage import storage

# Nothing that the product writes is for other accounts of the machine: files 640, folders 750, unless stricter already.
os.umask(os.umask(0o077) | 0o027)

ROOT = Path(__file__).resolve().parent.parent.parent
VAR = Path(environment.text("ANJUAN_VAR", str(ROOT / "var")))
VAR.mkdir(parents=True, exist_ok=True)

DEBUG = False
SITE_URL = environment.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# Only these may say from where a request came.
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES")

INSTALLED_APPS = [
    "cms",
    "operations",
    "magazine",
    "website",
    "service",
    "media",
    "search",
    "exchange",
    "outputs",
    "vault",
    "estates",
    "running",
    "cms.apps.UsersConfig",
    "wagtail.images",
    "wagtail.documents",
    "wagtail.search",
    "wagtail.snippets",
    "wagtail.sites",
    "wagtail.embeds",
    "wagtail.admin",
    "wagtail",
    "casebook",
    "archives",
    "modelcluster",
    "taggit",
    "treebeard",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "csp",
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "cms.client_address.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cms.session_end.SessionEndMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cms.session_end.SignInMiddleware",
    "cms.middleware.PreferredLanguageMiddleware",
    "cms.accounts.views.MustChangePasswordMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "cms.middleware.AdminPolicyMiddleware",
    "cms.outages.OutageMiddleware",
    "cms.bounded_input.BoundedInputMiddleware",
    "cms.record_wall.RecordWallMiddleware",
    "cms.record_wall.AdminShieldMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cms.context.workbench",
            ],
        },
    },
]

DATABASES = {"default": database(environment.text("DATABASE_URL", f"sqlite:///{VAR / 'anjuan.sqlite3'}"))}
ELASTICSEARCH_URL = environment.text("ELASTICSEARCH_URL", "")
# Where the extra is installed, records are found by what they mean too; 0 leaves it unused.
SEARCH_BY_MEANING = environment.flag("SEARCH_BY_MEANING", default=True)
ELASTICSEARCH_ALIAS = environment.text("ELASTICSEARCH_ALIAS", "anjuan")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "estates.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_HANDLER = "cms.signing_in.AttemptsHandler"
PASSWORD_RESET_TIMEOUT = environment.number("PASSWORD_LINK_HOURS", 24, least=1) * 3600
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "cms/locked_out.html"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
DATE_FORMAT = "Y-m-d"

STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text("ANJUAN_STATIC", str(VAR / "static")))
KEYS_ROOT = Path(environment.text("ANJUAN_KEYS", str(VAR / "keys")))
ANCHORS_ROOT = Path(environment.text("ANJUAN_ANCHORS", str(VAR / "anchors")))
KEY_COPIES_ROOT = Path(environment.text("ANJUAN_KEY_COPIES", str(VAR / "key-copies")))
KEY_COPY_PASSWORD = environment.text("KEY_COPY_PASSWORD", "")
FILES_URL = "/media/"
FILES_ROOT = VAR / "files"
MEDIA_URL = "https://not-served.invalid/"  # no server of files may know a way to the storage but our view
STORAGES: dict[str, object] = {
    "default": storage(environment.text("STORAGE_URL", f"file://{FILES_ROOT}"), FILES_ROOT),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o640, 0o750
FILE_UPLOAD_HANDLERS = [
    "exchange.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# With less room on a disk that it writes to, the site is not well.
DISK_MIN_FREE_MB = environment.number("DISK_MIN_FREE_MB", 100)
PHOTO_MAX_BYTES = environment.number("PHOTO_MAX_MB", 40, least=1) * 1024 * 1024
DRAWING_MAX_BYTES = environment.number("DRAWING_MAX_MB", 300, least=1) * 1024 * 1024
# A photo is decoded in a process of its own that may have so much memory and time.
DECODING_MAX_BYTES = environment.number("DECODING_MAX_MB", 1024, least=256) * 1024 * 1024
DECODING_SECONDS = environment.number("DECODING_SECONDS", 40, least=1)
PHOTO_MAX_PIXELS = environment.number("PHOTO_MAX_MEGAPIXELS", 80, least=1) * 1_000_000

MAIL = mail(environment.text("MAIL_URL", "console:"))
# Every mail is queued with what caused it; the postman hands it to what MAIL_URL names.
EMAIL_BACKEND = "outputs.outgoing.queueing.QueueBackend"
MAIL_TRANSPORT = str(MAIL["EMAIL_BACKEND"])
EMAIL_FILE_PATH = str(MAIL["EMAIL_FILE_PATH"])
EMAIL_HOST = str(MAIL["EMAIL_HOST"])
EMAIL_PORT = int(MAIL["EMAIL_PORT"])
EMAIL_HOST_USER = str(MAIL["EMAIL_HOST_USER"])
EMAIL_HOST_PASSWORD = str(MAIL["EMAIL_HOST_PASSWORD"])
EMAIL_USE_SSL = bool(MAIL["EMAIL_USE_SSL"])
EMAIL_TIMEOUT = int(MAIL["EMAIL_TIMEOUT"])
# Mail that cannot be delivered comes back to this address, with +key before the @; empty: to MAIL_FROM, unread.
MAIL_BOUNCES = environment.text("MAIL_BOUNCES", "")
MAIL_PER_DOMAIN_MINUTE = environment.number("MAIL_PER_DOMAIN_MINUTE", 60, least=1)
MAIL_LEASE_SECONDS = environment.number("MAIL_LEASE_SECONDS", 120, least=1)
# How long to wait after each *not now* of a mail server; after the last one the delivery has failed.
MAIL_LATER_MINUTES = environment.numbers("MAIL_LATER_MINUTES", "5,15,60,240,720")
# A mail that could not be delivered in so many hours has failed; an administrator may send it again.
MAIL_GIVE_UP_HOURS = environment.number("MAIL_GIVE_UP_HOURS", 72, least=1)
MAIL_RETRY_SECONDS = environment.number("MAIL_RETRY_SECONDS", 60, least=1)
# Where the mail server delivers reports, as a Maildir; empty: nobody reads them.
MAIL_BOUNCES_MAILDIR = environment.text("MAIL_BOUNCES_MAILDIR", "")
DEFAULT_FROM_EMAIL = environment.text("MAIL_FROM", "anjuan@example.invalid")

# After so long without a sign of life a worker is dead, and its task is taken up by another.
TASK_LEASE_SECONDS = environment.number("TASK_LEASE_SECONDS", 90, least=1)
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Where a backup is put every night; empty: none is made, and the status page says so.
BACKUP_FOLDER = environment.text("BACKUP_FOLDER", "")
BACKUP_HOUR = min(environment.number("BACKUP_HOUR", 1), 23)

NUMBER_PATTERN = environment.text("NUMBER_PATTERN", "{ESTATE}-{KIND}-{YYYY}-{SEQ:05}")
CONFIRM_WITHIN_WORKDAYS = environment.number("CONFIRM_WITHIN_WORKDAYS", 3, least=1)
ANSWER_WITHIN_WORKDAYS = environment.number("ANSWER_WITHIN_WORKDAYS", 10, least=1)
PERSON_REQUEST_DAYS = environment.number("PERSON_REQUEST_DAYS", 15, least=1)
LESSONS_DUE_AFTER_MONTHS = environment.number("LESSONS_DUE_AFTER_MONTHS", 24, least=1)
DRAFTS_KEPT_DAYS = environment.number("DRAFTS_KEPT_DAYS", 30, least=1)

WAGTAIL_SITE_NAME = "案卷 Anjuan"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILADMIN_LOGIN_URL = LOGIN_URL
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_I18N_ENABLED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAILIMAGES_IMAGE_MODEL = "media.Photo"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "heic", "heif"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_DOCUMENT_MODEL = "media.FiledDocument"
WAGTAIL_FINISH_WORKFLOW_ACTION = "casebook.workflow_end.end_workflow"
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False
WAGTAILADMIN_COMMENTS_ENABLED = False
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_CODE_AUTHOR = ""
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "search.admin_backend", "AUTO_UPDATE": False}}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "cms.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
# A session in which nobody does anything for so long is over.
SESSION_IDLE_MINUTES = environment.number("SESSION_IDLE_MINUTES", 60, least=2)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    # Tokens of links, and what was searched for, are for nobody who reads the logs.
    "filters": {"mask_secrets": {"()": "vault.log_masking.MaskSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask_secrets"]}},
    # Our own lines say that Elasticsearch is away; its client would say so at every attempt.
    "loggers": {"elastic_transport": {"level": "ERROR"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
