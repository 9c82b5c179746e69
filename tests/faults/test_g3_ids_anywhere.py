"""G3: an id names a record wherever it stands, in the path, the query or the body; choosers tell what is one's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from wagtail.models import Page, PageLogEntry, TaskState, WorkflowState

from casebook.factories import make_draft, publish
from casebook.models import CasePage
from estates.factories import make_user
from estates.models import Assignment, Building, Department, Phase, Unit, User
from estates.roles import DepartmentKind, Role
from tests.cms.test_every_url import PARAMETER, SECRETS, Address, addresses, echoed, leaks
from tests.conftest import World
from website.models import HomePage

KEYS = [
    *("id", "ids", "pk", "object_id", "object", "page", "pages", "page_id", "parent", "parent_page", "parent_page_id"),
    *("destination_id", "new_parent_page", "chosen_parent", "child_of", "descendant_of", "ancestor_of"),
    *("translation_of", "user", "task", "workflow", "revision", "estate", "unit"),
]
UNIT, HOLDER, PHASE, DEPARTMENT = "33栋7单元7708", "示例机密任职者", "机密分期戊", "机密部门己"
IN_QUERIES = ("case", "draft", "root", "huge", "no number")
HUGE = "99999999999999999999999"
CHOOSERS = ("unit", "assignment", "phase", "department", "calendarday", "estate")


@dataclass(frozen=True)
class Secret:
    case: CasePage
    draft: CasePage
    ids: dict[str, str]

    def told_in(self, body: str, address: Address) -> list[str]:
        """What the answer tells and the question did not hold already."""
        own = [word for word in (UNIT, "33-7-7708", HOLDER, PHASE, DEPARTMENT) if word in body]
        return echoed(address, leaks(body, self.case, self.draft)) + own


@pytest.fixture
def secret(world: World) -> Secret:
    """A case, and rows of every kind that an id may name, most of them under the id of the case."""
    Page.objects.get(depth=1).add_child(instance=HomePage(pk=700, title="-", slug="filler")).delete()
    case = make_draft(world.editor, world.estate, world.company.design, unit=world.unit, **SECRETS)
    case = publish(case, by=world.editor, manager=world.manager, confirmer=world.designer)
    draft = make_draft(world.editor, world.estate, world.company.design, **SECRETS)
    building = Building.objects.create(pk=case.pk, estate=world.estate, code="33")
    Unit.objects.create(pk=case.pk, estate=world.estate, building=building, code="33-7-7708")
    Phase.objects.create(pk=case.pk, estate=world.estate, name=PHASE)
    Department.objects.create(pk=case.pk, name=DEPARTMENT, kind=DepartmentKind.DESIGN)
    holder = User.objects.create(pk=case.pk, username="holder", display_name=HOLDER)
    Assignment.objects.create(pk=case.pk, user=holder, role=Role.SALES, estate=world.estate)
    entry = PageLogEntry.objects.filter(page_id=case.pk).order_by("pk")[0]
    ids = {
        "case": str(case.pk),
        "draft": str(draft.pk),
        "revision": str(case.latest_revision_id),
        "task state": str(TaskState.objects.order_by("-pk")[0].pk),
        "workflow state": str(WorkflowState.objects.order_by("-pk")[0].pk),
        "log entry": str(entry.pk),
        "root": "1",
        "huge": HUGE,
        "no number": "x",
    }
    return Secret(case, draft, ids)


@pytest.fixture
def admin_only(world: World) -> User:
    """Somebody who may enter the admin, and nothing else."""
    user = make_user("enters")
    group = Group.objects.create(name="enters")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    user.groups.add(group)
    return user


def admin_addresses(secret: Secret) -> Iterator[Address]:
    for address in addresses(secret.case):
        if address.route.startswith("admin/") and not address.route.startswith("admin/logout"):
            yield address


def answer_of(client: Client, method: str, path: str, data: dict[str, list[str]]) -> tuple[int, str]:
    response = client.get(path, data) if method == "GET" else client.post(path, data)
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return response.status_code, body.decode("utf-8", "replace") + response.headers.get("Location", "")


@pytest.mark.parametrize("asker", ["other_editor", "admin_only"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_g3_no_id_in_query_or_body_tells_anything(
    world: World, secret: Secret, admin_only: User, asker: str, method: str
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(admin_only if asker == "admin_only" else getattr(world, asker))
    told, broken = [], []
    for address in admin_addresses(secret):
        path = PARAMETER.sub("1", f"/{address.route}") if "^" not in address.route else address.path
        for kind in IN_QUERIES:
            status, body = answer_of(client, method, path, {key: [secret.ids[kind]] for key in KEYS})
            if found := secret.told_in(body, Address(address.route, path)):
                told.append(f"{method} {path} {kind}: {status} {found}")
            if status >= 500:
                broken.append(f"{method} {path} {kind}: {status}")
    assert told == []
    assert broken == []


@pytest.mark.parametrize("asker", ["other_editor", "admin_only"])
def test_g3_no_id_in_the_path_tells_anything(world: World, secret: Secret, admin_only: User, asker: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(admin_only if asker == "admin_only" else getattr(world, asker))
    told, broken = [], []
    for address in admin_addresses(secret):
        if "<" not in address.route:
            continue
        for kind, value in secret.ids.items():
            if kind == "no number":
                continue
            path = address.path if "^" in address.route else _path_with(value, address.route)
            for method in ("GET", "POST"):
                status, body = answer_of(client, method, path, {})
                if found := secret.told_in(body, Address(address.route, path)):
                    told.append(f"{method} {path} {kind}: {status} {found}")
                if status >= 500:
                    broken.append(f"{method} {path} {kind}: {status}")
    assert told == []
    assert broken == []


def _path_with(value: str, route: str) -> str:
    fixed = {
        "app_label": "casebook",
        "model_name": "casepage",
        "content_type_app_name": "casebook",
        "content_type_model_name": "casepage",
        "action_name": "approve",
        "language": "en",
    }
    return "/" + PARAMETER.sub(lambda match: fixed.get(match["name"], value), route)


def test_g3_chosen_multiple_names_no_foreign_page(world: World, secret: Secret, client: Client) -> None:
    client.force_login(world.other_editor)
    address = "/admin/choose-page/chosen-multiple/"
    for ids in ([secret.case.pk], [secret.draft.pk], [secret.case.pk, secret.draft.pk], [1], ["x"], [HUGE]):
        answer = client.get(address, {"id": ids})
        assert answer.status_code == 404, ids
        assert SECRETS["title"] not in answer.content.decode()
    client.force_login(world.editor)
    answer = client.get(address, {"id": [secret.case.pk]})
    assert answer.status_code == 200
    assert SECRETS["title"] in answer.json()["result"][0]["adminTitle"]


@pytest.mark.parametrize("model", CHOOSERS)
def test_g3_company_choosers_are_for_those_who_keep_the_company(
    world: World, secret: Secret, client: Client, model: str
) -> None:
    pk = secret.case.pk if model != "estate" else world.estate.pk
    base = f"/admin/snippets/choose/estates/{model}/"
    client.force_login(world.other_editor)
    for path in (base, f"{base}results/", f"{base}chosen/{pk}/", f"{base}chosen-multiple/?id={pk}"):
        answer = client.get(path)
        told = answer.content.decode()
        assert answer.status_code in (200, 404), path
        for word in (UNIT, HOLDER, PHASE, DEPARTMENT, world.estate.name):
            assert word not in told, path
    keeper = make_user("keeper")
    User.objects.filter(pk=keeper.pk).update(is_superuser=True)
    client.force_login(User.objects.get(pk=keeper.pk))
    if model != "calendarday":
        assert client.get(f"{base}chosen/{pk}/").status_code == 200
        assert len(client.get(f"{base}chosen-multiple/?id={pk}").json()["result"]) == 1
