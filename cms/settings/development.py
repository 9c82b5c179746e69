"""One machine, as `make demo` starts it: a kept secret, errors shown, mail printed."""

from django.core.management.utils import get_random_secret_key

from cms.settings import environment
from cms.settings.base import *
from cms.settings.base import VAR

# One machine, where the secret lies beside the keys anyway.
SILENCED_SYSTEM_CHECKS = ["vault.W001"]
DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = environment.secret("SECRET_KEY", kept_at=VAR / "secret-key", generated=get_random_secret_key())
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]," + environment.text("HOST", "127.0.0.1"))
