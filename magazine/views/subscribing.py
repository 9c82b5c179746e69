"""What readers do about their subscription. Nobody signs in: the link from the mail says who it is."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from estates.requests import came_from
from magazine.forms import SubscribeForm, WishesForm
from magazine.notices import queue_confirmation
from magazine.services.subscribing import ask_to_subscribe, change_wishes, confirm_subscription, leave, reader_of
from magazine.vocabulary import SubscriberState
from vault.blind_index import token

MOST_AN_HOUR = 30
HOUR = 3600


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Whatever the address, the answer is the same: nobody learns who subscribes."""
    form = SubscribeForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        if _asks_too_often(request):
            form.add_error(None, _("从这里登记得太多了，请过一小时再试。"))
        else:
            _ask(form)
            return render(request, "magazine/asked.html")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "magazine/subscribe.html", {"form": form}, status=status)


def _ask(form: SubscribeForm) -> None:
    if form.cleaned_data["website"]:
        return
    consent = _("网站登记 %(day)s") % {"day": f"{timezone.localdate():%Y-%m-%d}"}
    with transaction.atomic():
        row = ask_to_subscribe(address=form.cleaned_data["address"], wishes=form.wishes, consent=consent)
        if row:
            queue_confirmation(row)


def _asks_too_often(request: HttpRequest) -> bool:
    """Counted by a keyed token of the network address, until an hour passes without."""
    counter = f"subscribe:{token('network', came_from(request))}"
    asked = int(cache.get_or_set(counter, 0, HOUR) or 0) + 1
    cache.set(counter, asked, HOUR)
    return asked > MOST_AN_HOUR


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """A button, not the mere opening: programmes that open every link of a mail confirm nothing."""
    if request.method != "POST":
        return render(request, "magazine/confirm.html")
    row = confirm_subscription(key=key)
    status = HTTPStatus.OK if row else HTTPStatus.GONE
    return render(request, "magazine/confirmed.html", {"subscriber": row}, status=status)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: HttpRequest, key: str) -> HttpResponse:
    subscriber, _delivery = reader_of(key)
    if subscriber is None or subscriber.state != SubscriberState.ACTIVE:
        return render(request, "magazine/left.html", {"gone": True}, status=HTTPStatus.GONE)
    form = WishesForm(request.POST, label_suffix="") if request.method == "POST" else WishesForm.of(subscriber)
    saved = request.method == "POST" and form.is_valid()
    if saved:
        change_wishes(key=subscriber.key, wishes=form.wishes)
    context = {"form": form, "saved": saved, "key": key}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "magazine/wishes.html", context, status=status)


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave_list(request: HttpRequest, key: str) -> HttpResponse:
    """A POST ends the subscription at once, from the page's button or a mail program's own (RFC 8058); it carries no
    cookie and needs none, since the link itself is the proof."""
    subscriber, delivery = reader_of(key)
    if subscriber is None and delivery is None:
        raise Http404
    if request.method == "POST" and subscriber:
        leave(subscriber=subscriber, delivery=delivery)
    done = request.method == "POST" or subscriber is None or subscriber.state != SubscriberState.ACTIVE
    return render(request, "magazine/left.html" if done else "magazine/leave.html", {"key": key})
