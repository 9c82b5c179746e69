"""The website's first page, its address and its review: made once, by `found_website` or with the first issue."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page, Site, Workflow, WorkflowPage, WorkflowTask

from estates.groups import derive_groups
from website.models import HomePage, SecondPersonTask

WORKFLOW = "公开内容审核"
SLUG = "website"


@transaction.atomic
def found_website() -> HomePage:
    """The first page of the public website; made, with its review and the writers' permissions, if it is not there."""
    root = Page.objects.select_for_update().get(depth=1)
    found = HomePage.objects.first()
    if found is None:
        found = root.add_child(instance=HomePage(title=_("业主之家"), slug=SLUG, show_in_menus=False))
        _address(found)
        derive_groups()
    if not WorkflowPage.objects.filter(page=found).exists():
        WorkflowPage.objects.create(page=found, workflow=_review())
    return found


def _address(home: HomePage) -> None:
    parts = urlsplit(settings.SITE_URL)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    fields = {"hostname": parts.hostname or "localhost", "port": port, "root_page": home}
    Site.objects.update_or_create(is_default_site=True, defaults={**fields, "site_name": settings.WAGTAIL_SITE_NAME})


def _review() -> Workflow:
    workflow, made = Workflow.objects.get_or_create(name=WORKFLOW)
    if made:
        task = SecondPersonTask.objects.create(name=WORKFLOW)
        WorkflowTask.objects.create(workflow=workflow, task=task.task_ptr, sort_order=0)
    return workflow
