"""Behind TLS, several processes: the secret comes from outside and cookies travel encrypted only."""

from cms.settings import environment
from cms.settings.base import *
from cms.settings.base import VAR

SECRET_KEY = environment.strong(
    "SECRET_KEY", environment.secret("SECRET_KEY", kept_at=VAR / "secret-key", generated=None)
)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = environment.flag("SECURE_COOKIES", default=True)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
# Who comes without TLS is sent to it; health checks come from inside, without.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", 30 * 24 * 3600 if SESSION_COOKIE_SECURE else 0)
# Other sites below the same name, and lists that browsers carry for years, are the company's to decide on.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
