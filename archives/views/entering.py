"""The form in which a customer's data are entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from archives import policies
from archives.items import DOUBTS, LONGEST, LONGEST_TEXT, Value
from archives.models import DossierPage, TemplateItem
from archives.profiles import Profile, latest_profile
from archives.register import note
from archives.services.entering import save_profile
from archives.services.errors import DossierError, StaleDossier
from archives.services.restricting import restricted_words
from archives.template import items_for, known_items, sections_of, template_of
from archives.views.doors import dossier_or_404, private, reader_of
from archives.vocabulary import ItemKind, Step
from estates.requests import person, whole_number
from estates.wording import enumeration
from vault.models.access import Act

PREFIX = "item-"


@dataclass(frozen=True, slots=True)
class Field:
    """An item as the form shows it. `theirs` is what somebody else saved meanwhile."""

    item: TemplateItem
    value: Value
    doubt: str = ""
    theirs: Value | None = None

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.item.code}"

    @property
    def most(self) -> int:
        return LONGEST.get(self.item.kind, LONGEST_TEXT)

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """Kept, shown, chosen; a kept value that the template no longer offers stays choosable."""
        held = self.value if isinstance(self.value, list) else [self.value] if self.value else []
        choices = self.item.choices
        gone = [(one, one) for one in held if one not in {kept for kept, _shown in choices}]
        return [(kept, shown, kept in held) for kept, shown in [*choices, *gone]]


@require_http_methods(["GET", "POST"])
@private
def enter(request: HttpRequest, key: str) -> HttpResponseBase:
    """Shows everything held, in the clear, to those who enter it; showing it is a line of the register."""
    found = dossier_or_404(request, key)
    if not policies.may_enter(person(request), found):
        raise PermissionDenied(_("客户资料由这个楼盘的客服录入。"))
    if policies.is_restricted(found):
        messages.error(request, restricted_words())
        return redirect(found)
    if not found.is_open:
        messages.error(request, _("档案是“%(state)s”，现在不能修改。") % {"state": found.get_state_display()})
        return redirect(found)
    if request.method == "POST":
        return _save(request, found)
    note(reader_of(request), Act.REVEALED, found, purpose=str(Step.ENTERED.value), count=len(found.customer.filled))
    return _form(request, found, latest_profile(found.customer))


def _save(request: HttpRequest, found: DossierPage) -> HttpResponseBase:
    typed = typed_values(request)
    loaded = whole_number(request.POST.get("loaded"))
    try:
        saved = save_profile(reader=reader_of(request), dossier=found, values=typed, loaded=loaded)
    except StaleDossier as error:
        found.customer.refresh_from_db()
        return _form(request, found, typed, problem=str(error), changed=error.changed)
    except DossierError as error:
        return _form(request, found, typed, problem=str(error))
    if saved.unasked:
        messages.warning(
            request,
            _("模板已经改过，不再需要：%(items)s。您填的内容仍然保留。") % {"items": enumeration(saved.unasked)},
        )
    found.customer.refresh_from_db()
    if doubts := len(found.customer.unclear):
        told = ngettext("已保存；有 %(n)d 项需要核对。", "已保存；有 %(n)d 项需要核对。", doubts) % {"n": doubts}
        messages.warning(request, told)
        if request.POST.get("action") != "leave":
            return redirect("archives:enter", found.key)
    else:
        messages.success(request, _("已保存。") if saved.version else _("没有改动。"))
    return redirect(found)


def typed_values(request: HttpRequest) -> dict[str, Value]:
    """What the form asked and what was typed; `asked` names its items, since unticked boxes send nothing."""
    known = known_items()
    codes = [code for code in request.POST.get("asked", "").split(",") if code in known]
    return {code: _typed(request, known[code]) for code in codes}


def _typed(request: HttpRequest, item: TemplateItem) -> Value:
    name = f"{PREFIX}{item.code}"
    return request.POST.getlist(name) if item.kind == ItemKind.CHOICES else request.POST.get(name, "")


def _form(
    request: HttpRequest,
    found: DossierPage,
    values: Mapping[str, Value],
    *,
    problem: str = "",
    changed: list[str] | None = None,
) -> HttpResponse:
    theirs: Profile = latest_profile(found.customer) if changed else {}
    items = items_for(template_of(found), found.estate)
    codes = {item.code for item in items}
    items += [item for code, item in known_items().items() if code in values and code not in codes and values[code]]
    sections = [
        (
            section.words,
            [_field(found, item, values, theirs if item.code in (changed or ()) else None) for item in section.items],
        )
        for section in sections_of(items)
    ]
    context = {
        "dossier": found,
        "sections": sections,
        "asked": ",".join(item.code for item in items),
        "loaded": found.customer.latest,
        "problem": problem,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "archives/enter.html", context, status=status)


def _field(found: DossierPage, item: TemplateItem, values: Mapping[str, Value], theirs: Profile | None) -> Field:
    empty: Value = [] if item.kind == ItemKind.CHOICES else ""
    doubt = DOUBTS.get(found.customer.unclear.get(item.code, ""), "")
    return Field(
        item, values.get(item.code, empty), str(doubt), None if theirs is None else theirs.get(item.code, empty)
    )
