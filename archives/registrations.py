"""Everything that the archive registers with others, one line each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from archives.finding import names_somebody
from archives.groups import grant_template
from archives.handover_import import HandoverImporter
from archives.models import DossierPage
from archives.stored_files import dossier_subjects, stored_files
from archives.unit_events import dossier_events
from estates.calendar import is_workday
from estates.groups import register_page_grants
from estates.page_policy import register_record_pages
from estates.timeline import register_timeline
from exchange.importers import register_importer
from media.integrity import register_stored_files
from running.acts import Act, Daily, by_command, register_act
from search.synonyms import register_private
from vault.subjects import register_subjects

register_record_pages(DossierPage, lambda user: DossierPage.objects.none())  # dossiers live in the workbench alone
register_timeline(dossier_events)
register_page_grants(grant_template)
register_stored_files(stored_files)
register_private(names_somebody)
register_importer(HandoverImporter())
register_subjects(dossier_subjects)
LOANS, TWINS, DISPOSALS = "remind_loans", "find_duplicates", "finish_disposals"
register_act(Act(LOANS, _("催还借阅"), by_command(LOANS), Daily(7, 40, only=is_workday), (LOANS,)))
register_act(Act(TWINS, _("查找重复客户"), by_command(TWINS), Daily(2, 30), (TWINS,)))
register_act(Act(DISPOSALS, _("续完销毁"), by_command(DISPOSALS), Daily(3, 0), (DISPOSALS,)))
