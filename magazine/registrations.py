"""Everything that the magazine registers with others, one line each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from archives.consent import register_consent_reader
from exchange.importers import register_importer
from magazine.services.withdrawn import stop_addresses
from magazine.stored_files import stored_files, subscriber_subjects
from magazine.subscriber_import import SubscriberImporter
from media.integrity import register_stored_files
from vault.subjects import register_subjects
from website.footer import FooterLink, register_footer_link

register_importer(SubscriberImporter())
register_stored_files(stored_files)
register_footer_link(FooterLink(_("订阅会刊"), "magazine:subscribe"))
register_footer_link(FooterLink("RSS", "magazine:feed"))
register_consent_reader(stop_addresses)
register_subjects(subscriber_subjects)
