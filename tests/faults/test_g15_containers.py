"""G15: the compose file is safe without anybody changing it. It is read, not run: that needs a Docker daemon."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APP = {"migrate", "web", "worker", "postman", "tick", "feed"}
WRITES_BESIDE_ITSELF = {"elasticsearch"}
"""It makes its keystore in its own folder at the start."""


def test_g15_these_are_the_services() -> None:
    assert set(SERVICES) == APP | {"proxy", "elasticsearch", "postgres"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_g15_a_container_can_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is (name not in WRITES_BESIDE_ITSELF)
    assert "privileged" not in service
    if service["read_only"]:
        assert any(place.startswith("/tmp:") for place in service["tmpfs"])  # noqa: S108


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_g15_nobody_is_root(name: str) -> None:
    assert SERVICES[name]["user"].split(":")[0] not in ("", "0", "root")


def test_g15_the_image_runs_as_nobody_special_and_its_folders_are_shut() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8")
    assert lines.rindex("USER anjuan") < lines.index("CMD ")
    assert "--uid 10001" in lines
    assert {SERVICES[name]["user"] for name in APP} == {"10001:10001"}
    made = dict(re.findall(r"install -d -o anjuan -g anjuan -m (\d+) (.+?)(?: \\)?\n", lines))
    assert made == {
        "750": "/var/lib/anjuan /var/lib/anjuan-anchors /var/lib/anjuan-backups /srv/anjuan-static",
        "700": "/var/lib/anjuan-keys /var/lib/anjuan-key-copies",
    }
    mounted = {volume.split(":")[1] for volume in SERVICES["web"]["volumes"]}
    assert mounted == set(" ".join(made.values()).split()) - {"/srv/anjuan-static"}


def test_g15_no_secret_of_this_checkout_gets_into_the_image() -> None:
    left_out = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {".git", ".env", ".venv", "var"} <= set(left_out)
    assert not re.search(r"SECRET_KEY=\w", (ROOT / "Dockerfile").read_text("utf-8"))


@pytest.mark.parametrize("name", ["SECRET_KEY", "POSTGRES_PASSWORD", "KEY_COPY_PASSWORD"])
def test_g15_nothing_starts_without_its_secrets(name: str) -> None:
    asked = re.findall(rf"\$\{{{name}(.*?)\}}", TEXT)
    assert asked
    assert {told.partition("set it in .env to ")[0] for told in asked} == {":?"}


def test_g15_no_password_stands_in_the_file() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD", variable):
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), (name, variable)


def test_g15_the_proxy_alone_is_reached_and_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"proxy": ["${LISTEN:-127.0.0.1:8000}:8080"]}
    assert all("network_mode" not in service for service in SERVICES.values())


def test_g15_database_and_search_stand_in_a_network_of_their_own() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert {name: SERVICES[name]["networks"] for name in ("postgres", "elasticsearch")} == {
        "postgres": ["inside"],
        "elasticsearch": ["inside"],
    }
    assert "networks" not in SERVICES["proxy"], "the proxy reaches neither"


def test_g15_every_process_is_asked_how_it_is() -> None:
    asked = {name: service["healthcheck"]["test"] for name, service in SERVICES.items() if "healthcheck" in service}
    assert asked["web"] == ["CMD", "python", "scripts/healthy.py"]
    for name in ("worker", "postman", "tick", "feed"):
        assert asked[name] == ["CMD", "python", "manage.py", "alive", name]


def test_g15_every_setting_of_the_site_reaches_its_containers() -> None:
    for name in APP:
        assert SERVICES[name]["env_file"] == [{"path": ".env", "required": False}]
    for name in ("proxy", "postgres", "elasticsearch"):
        assert "env_file" not in SERVICES[name]


def test_g15_backups_have_a_volume_that_the_tick_may_write() -> None:
    assert SERVICES["tick"]["environment"]["BACKUP_FOLDER"] == "${BACKUP_FOLDER:-/var/lib/anjuan-backups}"
    assert "backups:/var/lib/anjuan-backups" in SERVICES["tick"]["volumes"]
    assert "backups" in COMPOSE["volumes"]


def test_g15_the_proxy_asks_docker_where_the_web_process_is() -> None:
    configuration = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    assert re.findall(r"^ +resolver (.+);$", configuration, re.MULTILINE) == ["127.0.0.11 valid=5s ipv6=off"]
    assert set(re.findall(r"proxy_pass (.+?);", configuration)) == {"http://$web"}
