"""Behind TLS, several processes: the secret comes from outside and cookies travel encrypted only."""

from cms.settings import environment
from cms.settings.base import *
from cms.settings.base import VAR

SECRET_KEY = environment.secret("SECRET_KEY", kept_at=VAR / "secret-key", generated=None)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = environment.flag("SECURE_COOKIES", default=True)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", 0)
