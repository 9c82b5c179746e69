"""Everything that the archive registers with others, one line each."""

from __future__ import annotations

from archives.models import DossierPage
from archives.stored_files import stored_files
from archives.unit_events import dossier_events
from estates.page_policy import register_record_pages
from estates.timeline import register_timeline
from media.integrity import register_stored_files

register_record_pages(DossierPage, lambda user: DossierPage.objects.none())  # dossiers live in the workbench alone
register_timeline(dossier_events)
register_stored_files(stored_files)
