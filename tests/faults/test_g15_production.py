"""G15: the settings of production are safe by themselves, and say what is missing."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from cms.settings import environment
from tests.conftest import World

ROOT = Path(__file__).resolve().parent.parent.parent
MAKE = 'python3 -c "import secrets; print(secrets.token_urlsafe(64))"'


def manage(var: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command in production, with nothing in its environment but what is given."""
    told = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "ANJUAN_VAR": str(var),
        "SITE_URL": "https://anjuan.example.cn",
        "ALLOWED_HOSTS": "anjuan.example.cn",
    }
    run = [sys.executable, "manage.py", *command]
    return subprocess.run(run, cwd=ROOT, env=told | more, capture_output=True, text=True, check=False)  # noqa: S603


def good() -> dict[str, str]:
    return {"SECRET_KEY": secrets.token_urlsafe(64), "KEY_COPY_PASSWORD": secrets.token_urlsafe(32)}


def test_g15_the_deployment_check_has_nothing_to_say(tmp_path: Path) -> None:
    answer = manage(tmp_path / "var", "check", "--deploy", "--fail-level", "WARNING", **good())
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == "System check identified no issues (2 silenced).\n"


def test_g15_the_check_says_that_copies_of_keys_lack_a_password(tmp_path: Path) -> None:
    answer = manage(tmp_path / "var", "check", "--fail-level", "WARNING", SECRET_KEY=secrets.token_urlsafe(64))
    assert answer.returncode == 1
    assert "(vault.W001) 没有设 KEY_COPY_PASSWORD：密钥副本用 SECRET_KEY 打开" in answer.stderr
    assert "设一个另外的长口令" in answer.stderr


@pytest.mark.parametrize("given", ["", "the same"])
def test_g15_the_secret_key_is_no_password_of_its_own(settings: Settings, given: str) -> None:
    settings.KEY_COPY_PASSWORD = settings.SECRET_KEY if given else ""
    assert "vault.W001" in [message.id for message in run_checks()]
    settings.KEY_COPY_PASSWORD = "another-password-0123456789"
    assert "vault.W001" not in [message.id for message in run_checks()]


def test_g15_without_a_secret_nothing_starts(tmp_path: Path) -> None:
    answer = manage(tmp_path / "var", "check")
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[-1].endswith(
        "SECRET_KEY is not set: give a random text of at least 50 characters, the same for every process."
    )
    assert not (tmp_path / "var" / "secret-key").exists()


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("short-but-random-8f3kQz", "has 23 characters, at least 50 are needed"),
        ("x" * 49, "has 49 characters, at least 50 are needed"),
        ("x" * 64, "is a sample that others know"),
        ("django-insecure-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789", "is a sample that others know"),
        ("Change-me-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789", "is a sample that others know"),
        ("a long random text 0123456789 abcdefghijklmnopqrstuvwxyz", "is a sample that others know"),
    ],
    ids=["short", "one too few", "one character", "Django's", "change me", "of the compose file"],
)
def test_g15_a_weak_secret_is_refused_with_what_to_do(key: str, fault: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        environment.strong("SECRET_KEY", key)
    assert str(caught.value) == f"SECRET_KEY {fault}: make one with {MAKE} and give the same to every process."


def test_g15_production_asks_it(tmp_path: Path) -> None:
    answer = manage(tmp_path / "var", "check", SECRET_KEY="short-but-random-8f3kQz")
    assert answer.returncode != 0
    assert f"SECRET_KEY has 23 characters, at least 50 are needed: make one with {MAKE}" in answer.stderr


def test_g15_fifty_random_characters_are_enough() -> None:
    key = secrets.token_urlsafe(64)[:50]
    assert environment.strong("SECRET_KEY", key) == key


def test_g15_cookies_redirects_and_frames(tmp_path: Path) -> None:
    asked = (
        "SECURE_SSL_REDIRECT SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_HSTS_SECONDS SESSION_COOKIE_AGE "
        "SESSION_IDLE_MINUTES X_FRAME_OPTIONS DEBUG"
    )
    tell = f"from django.conf import settings; print([getattr(settings, name) for name in '{asked}'.split()])"
    by_default = manage(tmp_path / "var", "shell", "--no-imports", "-c", tell, **good())
    assert by_default.stdout == "[True, True, True, 2592000, 43200, 60, 'DENY', False]\n", by_default.stderr
    trial = manage(tmp_path / "var", "shell", "--no-imports", "-c", tell, **good(), SECURE_COOKIES="0")
    assert trial.stdout == "[False, False, False, 0, 43200, 60, 'DENY', False]\n", trial.stderr


def test_g15_only_the_admin_stands_in_frames_of_its_own(world: World) -> None:
    client = Client()
    client.force_login(world.editor)
    assert client.get("/work/")["X-Frame-Options"] == "DENY"
    assert client.get("/admin/")["X-Frame-Options"] == "SAMEORIGIN"
