"""The subscribers, in numbers and masked; who keeps them takes one off the list or erases him."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from estates.requests import came_from, person, whole_number
from magazine import policies
from magazine.addresses import BadAddress, parse_address
from magazine.models import Subscriber, Suppression
from magazine.services.subscribing import address_token, addresses_of, forget_subscribers, leave
from magazine.vocabulary import SubscriberState
from vault.models.access import Act
from vault.register import Access, note_access

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def subscribers(request: HttpRequest) -> HttpResponse:
    """A POST looks one address up: no address ever stands in the page's own."""
    if not policies.may_read_subscribers(request.user):
        raise PermissionDenied(_("订阅人由客服经理管理，审计可以查看。"))
    rows = Subscriber.objects.visible_to(request.user).order_by("-asked_at", "-pk").prefetch_related("estates")
    problem = ""
    asked = request.POST.get("address", "") if request.method == "POST" else ""
    if asked:
        try:
            rows = rows.filter(token=address_token(parse_address(asked)))
        except BadAddress as error:
            rows, problem = rows.none(), str(error)
        note_access(person(request), Access(Act.SEARCHED, record="subscriber", address=came_from(request)))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    masked = {pk: address.masked for pk, address in addresses_of(shown).items()}
    states = dict(Subscriber.objects.order_by().values_list("state").annotate(n=Count("pk")))
    context = {
        "page": page,
        "rows": [(row, masked.get(row.pk, "")) for row in shown],
        "states": [(state.label, states.get(state.value, 0)) for state in SubscriberState],
        "suppressed": Suppression.objects.count(),
        "asked": bool(asked),
        "problem": problem,
        "may_keep": policies.may_keep_subscribers(request.user),
    }
    return render(request, "magazine/subscribers.html", context)


@require_POST
def change_subscriber(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take him off the list, or erase him, on his word by phone or letter."""
    if not policies.may_keep_subscribers(request.user):
        raise PermissionDenied(_("订阅人由客服经理管理。"))
    row = get_object_or_404(Subscriber.objects.visible_to(request.user), pk=whole_number(str(pk)))
    act = Act.DESTROYED if request.POST.get("act") == "erase" else Act.CHANGED
    leave(subscriber=row)
    note_access(person(request), Access(act, subject=row.subject, record="subscriber", address=came_from(request)))
    if act == Act.DESTROYED:
        forget_subscribers([row])
        messages.success(request, _("已删除。这个地址以后导入也不会再收到邮件。"))
    else:
        messages.success(request, _("已退订。"))
    return redirect("magazine:subscribers")
