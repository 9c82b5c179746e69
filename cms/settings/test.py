"""What differs under test, each with its reason."""

import hashlib
import socket

from cms.settings.base import *
from cms.settings.base import ROOT, STORAGES, VAR
from cms.settings.database import sqlite

POSTGRES_PORT = 5445


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class SearchTablesOnly:
    """The second database holds the tables of the search engine and nothing else."""

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool | None:
        return app_label == "search" if db == "postgres" else None


SECRET_KEY = "only-for-tests-0123456789-0123456789-0123456789"  # noqa: S105  nothing real is signed with it

# The services are shared by all checkouts on a machine: what a run keeps there bears the name of its own checkout.
CHECKOUT = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
TEST_VAR = VAR / "test"
TEST_VAR.mkdir(exist_ok=True)

# A file, not memory: threads and the live server must see one database, as in use.
DATABASES = {"default": sqlite(TEST_VAR / "unused.sqlite3") | {"TEST": {"NAME": str(TEST_VAR / "test.sqlite3")}}}

# A second database for the tests of the search engine on PostgreSQL, where `make services` started one.
if listens(POSTGRES_PORT):
    DATABASES["postgres"] = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": str(POSTGRES_PORT),
        "NAME": "postgres",
        "USER": "anjuan",
        "TEST": {"NAME": f"anjuan_search_test_{CHECKOUT}"},
    }
    DATABASE_ROUTERS = ["cms.settings.test.SearchTablesOnly"]

# Hashing passwords slowly is the work of minutes over a whole suite.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# No manifest: templates are rendered without `collectstatic` having been run.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

# Mail is read back from memory; tasks run at once, in the caller's process.
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

# Tests of meaning switch it on; all others must not wait for a model to read what they save.
SEARCH_BY_MEANING = False

# Many wrong passwords from one address are the point of a test, not an attack.
AXES_ENABLED = False
