"""Everything that the case library registers with others, one line each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.models import WorkflowState
from wagtail.signals import workflow_approved, workflow_rejected, workflow_submitted

from casebook.documents import KIND
from casebook.files import may_see_case_file
from casebook.groups import grant_case_pages
from casebook.models import CasePage
from casebook.search_fields import register_fields
from casebook.services.filing import RECORD
from casebook.services.publishing import publish_confirmed_version
from casebook.sources import case_documents
from casebook.table_import import CaseTableImporter
from casebook.unit_events import case_events
from casebook.workflow_end import register_ending
from estates.calendar import is_workday
from estates.groups import register_page_grants
from estates.page_policy import register_record_pages
from estates.timeline import register_timeline
from exchange.importers import register_importer
from media.records import register_record_kind
from running.acts import Act, Daily, by_command, register_act
from search.admin_backend import register_admin_search
from search.documents import register_source

register_record_pages(CasePage, CasePage.objects.visible_to)
register_page_grants(grant_case_pages)
register_record_kind(RECORD, may_see_case_file)
register_source(KIND, case_documents)
register_fields()
register_admin_search(CasePage, KIND)
register_ending(CasePage, publish_confirmed_version)
register_timeline(case_events)
register_importer(CaseTableImporter())
register_act(Act("remind", _("案例催办和新案例提醒"), by_command("remind"), Daily(7, 30, only=is_workday), ("remind",)))
register_act(Act("clear_drafts", _("清除无人再碰的草稿"), by_command("clear_drafts"), Daily(3, 10), ("clear_drafts",)))

# Wagtail's own workflow mail names titles and knows group tasks only; ours are in `casebook.notices`.
for signal, event in (
    (workflow_submitted, "submitted"),
    (workflow_rejected, "rejected"),
    (workflow_approved, "approved"),
):
    signal.disconnect(sender=WorkflowState, dispatch_uid=f"workflow_state_{event}_email_notification")
