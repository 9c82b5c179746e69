"""Talks with the customer, noted at once."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.models import Contact, DossierPage
from archives.register import Reader, note
from archives.services.errors import DossierError
from archives.services.restricting import refuse_restricted
from archives.services.wording import note_words
from archives.vocabulary import GONE_STATES, Channel, Step
from vault.models.access import Act


@transaction.atomic
def add_contact(*, reader: Reader, dossier: DossierPage, on: date, channel: str, text: str) -> Contact:
    """Note a talk; its words are sealed. Raises PermissionDenied, DossierError."""
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_enter(reader.user, held):
        raise PermissionDenied
    refuse_restricted(held)
    words = note_words(text)
    if held.state in GONE_STATES or channel not in Channel.values or not words:
        raise DossierError(_("请选择联系方式并写明谈了什么。"))
    if on > timezone.localdate():
        raise DossierError(_("联系日期不能在今天之后。"))
    contact = Contact(dossier=held, on=on, channel=channel, by=reader.user)
    contact.seal_note(held.customer.subject, words)
    contact.save()
    note(reader, Act.CHANGED, held, purpose=str(Step.CONTACT.value))
    return contact
