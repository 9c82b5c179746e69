"""The access register for those who keep and audit it, and *who looked at my file* for the customer."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archives import policies
from archives.access_report import (
    dossiers_named,
    keys_of,
    purpose_in_words,
    readable_entries,
    unusual_days,
)
from archives.readers_sheet import readers_sheet
from archives.register import note
from archives.services.restricting import restricted_words
from archives.views.doors import dossier_or_404, pdf_answer, private, reader_of
from estates.models import User
from estates.requests import person, whole_number, written_day
from vault.models.access import Act

PAGE = 100


@require_safe
@private
def register(request: HttpRequest) -> HttpResponseBase:
    """Lines of the register, narrowed by person, dossier, kind and day; and days that stand out."""
    user = person(request)
    entries = readable_entries(user)
    if not policies.may_read_register(user):
        raise PermissionDenied(_("查阅登记由审计和档案管理员查看。"))
    chosen = entries.select_related("who")
    if who := whole_number(request.GET.get("who")):
        chosen = chosen.filter(who=who)
    if record := request.GET.get("record", "").strip()[:60]:
        chosen = chosen.filter(record__in=keys_of(record))
    if (act := request.GET.get("act", "")) in Act.values:
        chosen = chosen.filter(act=act)
    if day := written_day(request.GET.get("day")):
        chosen = chosen.filter(at__date=day)
    page = Paginator(chosen.order_by("-sequence"), PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    named = dossiers_named(rows)
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "page": page,
        "rows": [(row, named.get(row.record), purpose_in_words(row)) for row in rows],
        "people": User.objects.filter(pk__in=entries.order_by().values("who").distinct()).order_by("display_name"),
        "acts": Act.choices,
        "chosen": {"who": who, "record": record, "act": act, "day": day},
        "kept": kept.urlencode(),
        "unusual": unusual_days(entries),
    }
    return render(request, "archives/register.html", context)


@require_POST
@private
def readers(request: HttpRequest, key: str) -> HttpResponseBase:
    """The customer's printout of who looked at the file; printing it is a line itself."""
    found, reader = dossier_or_404(request, key), reader_of(request)
    if not policies.may_read_register(reader.user).covers(found.estate_id):
        raise PermissionDenied(_("查阅登记由审计和档案管理员查看。"))
    if not policies.may_look_at(reader.user, found):
        raise PermissionDenied(restricted_words())
    sheet = readers_sheet(found)
    note(reader, Act.PRINTED, found)
    return pdf_answer(sheet, f"{found.key}-readers")
