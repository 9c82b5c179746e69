"""Everything that the website registers with others, one line each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from casebook.workflow_end import register_ending
from estates.groups import register_page_grants
from running.acts import Act, Every, register_act
from search.documents import register_source
from website.documents import KIND
from website.groups import grant_public_pages
from website.models import PublicPage
from website.services.publishing import publish_approved_version, publish_due
from website.sources import public_documents

register_page_grants(grant_public_pages)
register_source(KIND, public_documents)
register_ending(PublicPage, publish_approved_version)
register_act(Act("publish_due", _("定时发布和下架"), publish_due, Every(1)))
