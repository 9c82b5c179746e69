"""Wagtail's stock groups may edit and publish every page: here groups are derived from assignments only."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STOCK = ("Editors", "Moderators")


def remove_stock_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=STOCK).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("estates", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailimages", "0023_add_choose_permissions"),
        ("wagtaildocs", "0011_add_choose_permissions"),
    ]
    operations = [migrations.RunPython(remove_stock_groups, migrations.RunPython.noop)]
