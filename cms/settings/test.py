"""What differs under test, each with its reason."""

import tempfile
from pathlib import Path

from cms.settings.base import *
from cms.settings.base import STORAGES
from cms.settings.database import sqlite

SECRET_KEY = "only-for-tests-0123456789-0123456789-0123456789"  # noqa: S105  nothing real is signed with it

TEST_VAR = Path(tempfile.gettempdir()) / "anjuan-test"
TEST_VAR.mkdir(exist_ok=True)

# A file, not memory: threads and the live server must see one database, as in use.
DATABASES = {"default": sqlite(TEST_VAR / "unused.sqlite3") | {"TEST": {"NAME": str(TEST_VAR / "test.sqlite3")}}}
SEARCH_DATABASE = "default"

# Hashing passwords slowly is the work of minutes over a whole suite.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# No manifest: templates are rendered without `collectstatic` having been run.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

# Mail is read back from memory; tasks run at once, in the caller's process.
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

# Many wrong passwords from one address are the point of a test, not an attack.
AXES_ENABLED = False
