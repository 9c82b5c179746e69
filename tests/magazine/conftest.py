from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from wagtail.rich_text import RichText

from casebook.factories import make_draft, publish
from casebook.models import CasePage
from estates.models import User
from magazine.models import IssuePage
from magazine.services.starting import start_issue
from media.factories import draw_scene
from media.models import PublicPhoto
from media.public_photos import publish_upload
from tests.conftest import World

Body = list[tuple[str, dict[str, object]]]


@pytest.fixture
def photo(world: World) -> PublicPhoto:
    return make_public(world.editor)


def make_public(by: User) -> PublicPhoto:
    return publish_upload(upload=BytesIO(draw_scene(1)), title="远景", alternative="小区和山", boxes=[], by=by)


def article(title: str = "验房三步", html: str = "<p>先看水。</p>") -> tuple[str, dict[str, object]]:
    return "article", {"title": title, "author": "", "body": RichText(html), "photos": []}


def letter(html: str = "<p>业主朋友您好。</p>") -> tuple[str, dict[str, object]]:
    return "letter", {"title": "写给业主朋友", "body": RichText(html), "signed": "客户服务部"}


def make_issue(by: User, *body: tuple[str, dict[str, object]], title: str = "入冬前") -> IssuePage:
    """A draft with this body."""
    issue = start_issue(by=by)
    draft = issue.get_latest_revision_as_object()
    draft.title, draft.body = title, list(body)
    draft.save_revision(user=by)
    return IssuePage.objects.get(pk=issue.pk)


def make_published(by: User, *body: tuple[str, dict[str, object]], title: str = "入冬前") -> IssuePage:
    issue = make_issue(by, *(body or (letter(), article())), title=title)
    issue.latest_revision.publish(skip_permission_checks=True)
    return IssuePage.objects.get(pk=issue.pk)


@pytest.fixture
def published_case(world: World) -> Callable[..., CasePage]:
    def make(**changes: object) -> CasePage:
        draft = make_draft(world.editor, world.estate, world.company.design, unit=world.unit, **changes)  # type: ignore[arg-type]
        return publish(draft, by=world.editor, manager=world.manager, confirmer=world.designer)

    return make
