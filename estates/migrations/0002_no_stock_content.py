"""Wagtail's stock rows go: groups that may publish every page, a workflow for them, a page that says *Welcome*.

Here groups are derived from assignments only, and cases have a workflow of their own.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GROUPS = ("Editors", "Moderators")
WORKFLOW = TASK = "Moderators approval"
WELCOME = "00010001"


def remove_stock_content(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()
    apps.get_model("wagtailcore", "Workflow").objects.filter(name=WORKFLOW).delete()
    apps.get_model("wagtailcore", "Task").objects.filter(name=TASK).delete()
    page = apps.get_model("wagtailcore", "Page")
    root = page.objects.filter(depth=1).first()
    welcome = page.objects.filter(path=WELCOME, slug="home", numchild=0, content_type__model="page")
    if root and welcome.exists():
        apps.get_model("wagtailcore", "Site").objects.filter(root_page__in=welcome).update(root_page=root)
        welcome.delete()
        page.objects.filter(pk=root.pk).update(numchild=page.objects.filter(depth=2).count())


class Migration(migrations.Migration):
    dependencies = [
        ("estates", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailimages", "0023_add_choose_permissions"),
        ("wagtaildocs", "0011_add_choose_permissions"),
    ]
    operations = [migrations.RunPython(remove_stock_content, migrations.RunPython.noop)]
