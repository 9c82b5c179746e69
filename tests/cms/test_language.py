"""Every text has its English, every term its place in the glossary, every setting and command its line in the docs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.core.management import get_commands
from django.test import Client
from django.utils import translation

from tests.conftest import World

ROOT = Path(__file__).parent.parent.parent
ROOMS = (
    "cms",
    "operations",
    "magazine",
    "website",
    "service",
    "casebook",
    "archives",
    "media",
    "search",
    "exchange",
    "outputs",
    "estates",
    "vault",
)
TEMPLATES = (".html", ".mjml", ".txt")
HAN = re.compile(r"[\u4e00-\u9fff]")
IN_PYTHON = re.compile(r"\b(?:_|gettext|ngettext)\(\s*\"((?:[^\"\\]|\\.)*)\"")
IN_TEMPLATE = re.compile(r"{%\s*translate\s+(?:\"([^\"]*)\"|'([^']*)')|_\(\"([^\"]*)\"\)")


def sources() -> Iterator[tuple[Path, str]]:
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.suffix in (".py", *TEMPLATES) and "migrations" not in path.parts:
                yield path, path.read_text("utf-8")


def marked() -> set[str]:
    found = set()
    for path, text in sources():
        pattern = IN_TEMPLATE if path.suffix in TEMPLATES else IN_PYTHON
        found |= {part for match in pattern.finditer(text) for part in match.groups() if part}
    return found


def test_every_text_has_its_english() -> None:
    catalogue = {entry.msgid: entry for entry in polib.pofile(str(ROOT / "locale/en/LC_MESSAGES/django.po"))}
    assert sorted(text for text in marked() if text not in catalogue) == []
    untranslated = [
        e.msgid
        for e in catalogue.values()
        if not e.translated() or HAN.search(e.msgstr.replace("栋", "").replace("单元", ""))
    ]
    assert [msgid for msgid in untranslated if "地下车库" not in msgid] == []


def test_every_english_text_keeps_its_placeholders() -> None:
    for entry in polib.pofile(str(ROOT / "locale/en/LC_MESSAGES/django.po")):
        wanted = set(re.findall(r"%\(\w+\)[sd]|\{\w+\}", entry.msgid))
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert set(re.findall(r"%\(\w+\)[sd]|\{\w+\}", text)) == wanted, entry.msgid


def terms() -> set[str]:
    """What the models show: names, field labels, choices."""
    found = set()
    with translation.override("zh-hans"):
        for model in (m for room in ROOMS for m in apps.get_app_config(room).get_models()):
            found |= {str(model._meta.verbose_name)}
            for field in model._meta.local_fields:
                found |= {str(field.verbose_name), *(str(label) for _value, label in field.flatchoices)}
    return {term for term in found if HAN.search(term)}


def test_every_term_on_screen_stands_once_in_the_glossary() -> None:
    rows = re.findall(r"^\| ([^|]+) \| `([^`]+)` \|", (ROOT / "docs/术语表.md").read_text("utf-8"), re.MULTILINE)
    listed = [term for term, _identifier in rows]
    assert sorted(terms() - set(listed)) == []
    assert sorted({term for term in listed if listed.count(term) > 1}) == []


def test_every_environment_variable_and_command_is_documented() -> None:
    guide = (ROOT / "docs/administrators.md").read_text("utf-8")
    settings_text = "".join(path.read_text("utf-8") for path in (ROOT / "cms/settings").glob("*.py"))
    variables = set(re.findall(r"environment\.\w+\(\s*\"([A-Z0-9_]+)\"", settings_text)) | {"LOG_LEVEL"}
    assert sorted(name for name in variables - {"HOST"} if f"`{name}`" not in guide) == []
    ours = {name for name, app in get_commands().items() if app in ROOMS}
    assert sorted(name for name in ours if f"`{name}" not in guide) == []


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "我的工作"), ("en", "My work")])
def test_the_language_a_person_chose_is_kept(world: World, language: str, words: str) -> None:
    client = Client()
    client.force_login(world.editor)
    client.post("/language/", {"language": language, "next": "/work/"})
    assert words in client.get("/work/").content.decode()


def test_a_wrong_setting_stops_the_start_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.exceptions import ImproperlyConfigured

    from cms.settings import database, environment, mail, storage

    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="DEBUG='maybe'"):
        environment.flag("DEBUG", default=False)
    monkeypatch.setenv("PHOTO_MAX_MB", "-3")
    with pytest.raises(ImproperlyConfigured, match="whole number"):
        environment.number("PHOTO_MAX_MB", 40, least=1)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        environment.secret("SECRET_KEY", kept_at=ROOT / "not-there", generated=None)
    for read in (database.database, mail.mail):
        with pytest.raises(ImproperlyConfigured):
            read("gopher://x")
    with pytest.raises(ImproperlyConfigured):
        storage.storage("ftp://x", ROOT)
