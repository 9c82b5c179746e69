"""Page rows by the batch: base rows with computed paths, then rows of the type.

Uses private parts of treebeard and Django (`_get_path`, `_str2int`, `_batched_insert`), because `bulk_create` is not
for tables that inherit; tests/casebook/test_bulk.py holds the result equal to `add_child`, table by table.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Cast
from modelcluster.models import get_all_child_relations
from wagtail.models import Locale, Page, ReferenceIndex, Revision

from estates.models import User

BATCH = 500
PAGE_FIELDS = [field.attname for field in Page._meta.concrete_fields if field.attname != "id"]


def insert_pages(placed: Sequence[tuple[Page, Page]]) -> None:
    """Insert new, unpublished pages of one type, each under its parent; title and slug are set, slugs are free.

    Called in a transaction. Parents are locked here; a parent held in memory is stale afterwards.
    """
    if not placed:
        return
    pages = [page for _parent, page in placed]
    parents = {parent.pk: parent for parent, _page in placed}
    locked = Page.objects.select_for_update().in_bulk(list(parents))
    added = _set_paths([(locked[parent.pk], page) for parent, page in placed])
    bases = [Page(**{name: getattr(page, name) for name in PAGE_FIELDS}) for page in pages]
    Page.objects.bulk_create(bases, batch_size=BATCH)
    for page, base in zip(pages, bases, strict=True):
        page.pk = page.id = page.page_ptr_id = base.pk
        page._state.adding, page._state.db = False, base._state.db
    model = type(pages[0])
    model._base_manager.all()._batched_insert(pages, model._meta.local_concrete_fields, BATCH)
    for pk, count in added.items():
        Page.objects.filter(pk=pk).update(numchild=F("numchild") + count)


def _set_paths(placed: Sequence[tuple[Page, Page]]) -> dict[int, int]:
    """Give each page its place after its parent's last child. Returns how many each parent got.

    New pages have no children rows: saying so saves modelcluster a query for each relation and page.
    """
    content_type = ContentType.objects.get_for_model(type(placed[0][1]))
    locale = Locale.get_default()
    children = [relation.get_accessor_name() for relation in get_all_child_relations(type(placed[0][1]))]
    added: dict[int, int] = {}
    last: dict[int, int] = {}
    for parent, page in placed:
        if parent.pk not in last:
            child = parent.get_last_child() if parent.numchild else None
            last[parent.pk] = Page._str2int(child.path[-Page.steplen :]) if child else 0
        last[parent.pk] += 1
        added[parent.pk] = added.get(parent.pk, 0) + 1
        page.depth, page.numchild = parent.depth + 1, 0
        page.path = Page._get_path(parent.path, page.depth, last[parent.pk])
        page.url_path = f"{parent.url_path}{page.slug}/"
        page.content_type, page.locale, page.translation_key = content_type, locale, uuid.uuid4()
        page.draft_title = page.title
        page._cluster_related_objects = {name: [] for name in children}
        page.live, page.has_unpublished_changes = False, False
    return added


def insert_references(pages: Sequence[Page]) -> None:
    """What the pages, all of one type, point to: the rows that Wagtail's reference index writes after a save."""
    if not pages:
        return
    own_type, page_type = ContentType.objects.get_for_model(type(pages[0])), ContentType.objects.get_for_model(Page)
    rows = [
        ReferenceIndex(
            content_type=own_type,
            base_content_type=page_type,
            object_id=str(page.pk),
            to_content_type_id=to_type,
            to_object_id=to_id,
            model_path=model_path,
            content_path=content_path,
            content_path_hash=ReferenceIndex._get_content_path_hash(content_path),
        )
        for page in pages
        for to_type, to_id, model_path, content_path in set(ReferenceIndex._extract_references_from_object(page))
    ]
    ReferenceIndex.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def insert_revisions(pages: Sequence[Page], by: User | None, now: datetime) -> None:
    """The first revision of new pages of one type, and that it is their latest; as `save_revision` writes it."""
    own_type, page_type = ContentType.objects.get_for_model(type(pages[0])), ContentType.objects.get_for_model(Page)
    Revision.objects.bulk_create(
        [
            Revision(
                content_type=own_type,
                base_content_type=page_type,
                object_id=str(page.pk),
                user=by,
                created_at=now,
                object_str=str(page),
                content=page.serializable_data(),
            )
            for page in pages
        ],
        batch_size=BATCH // 2,
    )
    own = Revision.objects.filter(base_content_type=page_type, object_id=Cast(OuterRef("pk"), CharField()))
    rows = Page.objects.filter(pk__in=[page.pk for page in pages])
    rows.update(
        latest_revision=Subquery(own.values("pk")[:1]), latest_revision_created_at=now, has_unpublished_changes=True
    )


def delete_pages(pages: Sequence[Page]) -> None:
    """Delete pages without children; treebeard's own way looks through the whole tree for each."""
    if not pages:
        return
    gone: dict[str, int] = {}
    for page in pages:
        parent = Page._get_basepath(page.path, page.depth - 1)
        gone[parent] = gone.get(parent, 0) + 1
    models.QuerySet(type(pages[0])).filter(pk__in=[page.pk for page in pages]).delete()
    for path, count in gone.items():
        Page.objects.filter(path=path).update(numchild=F("numchild") - count)
