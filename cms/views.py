from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from archives.work import archive_work, dossiers_waiting_for, loans_waiting_for, overrides_waiting_for
from casebook.desk import packs_under_review, waiting_for
from casebook.models import Alert, CasePage, CaseReview, Distribution
from casebook.policies import FILING_ROLES
from casebook.services.recurring import cases_to_compare
from casebook.services.signing import open_conditions
from casebook.vocabulary import State
from cms.registrations import no_backup
from estates.access import reach_of
from estates.requests import person
from estates.work import first_of
from magazine.work import magazine_work
from operations.health import health as site_health
from running.heartbeats import alive
from running.models import PeriodicAct
from search import index
from search.wording import duration_in_words, lack_in_words

SHOWN, LISTED = 8, 50
MOST_NEWS = 100


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    return redirect("my-work")


@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """What waits for me, by due date; what I wait for; what is new for my department."""
    user = person(request)
    packs = list(packs_under_review(user)[:SHOWN])
    mine = CasePage.objects.visible_to(user).filter(owner=user).select_related("estate", "unit")
    new = Distribution.objects.for_reader(user).unread_by(user)
    news = list(Alert.objects.unseen_by(user).select_related("case__estate", "search")[: MOST_NEWS + 1])
    may_file = bool(reach_of(user, FILING_ROLES))
    to_finish = mine.filter(state__in=[State.RETURNED, State.DRAFT])
    waiting = CaseReview.reviews.open().with_cases().filter(case__in=mine.values("pk"))
    context = {
        "to_decide": first_of(CaseReview.reviews.to_decide(user).with_cases().order_by("due_on", "pk"), LISTED),
        "to_finish": first_of(to_finish.order_by("-state", "-latest_revision_created_at"), LISTED) if may_file else [],
        "waiting": first_of(waiting.order_by("due_on", "pk"), LISTED) if may_file else [],
        "to_compare": cases_to_compare(user).select_related("estate", "unit")[:SHOWN],
        "conditions": open_conditions(user)[:SHOWN],
        "dossiers": first_of(dossiers_waiting_for(user), SHOWN),
        "overrides": first_of(overrides_waiting_for(user), SHOWN),
        "archive_work": [*archive_work(user), *magazine_work(user)],
        "loans": first_of(loans_waiting_for(user), SHOWN),
        "packs": [(pack, waiting_for(user, pack)) for pack in packs],
        "news": news[:SHOWN],
        "news_count": f"{MOST_NEWS}+" if len(news) > MOST_NEWS else len(news),
        "new_lessons": new.select_related("department")[:SHOWN],
        "new_count": new.count(),
        "new_cases": CasePage.objects.visible_to(user).with_cards().in_bulk([d.case_id for d in new[:SHOWN]]),
    }
    return render(request, "cms/my_work.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def search_state(request: HttpRequest) -> HttpResponseBase:
    """How search does, for administrators: which engine answers and why, what waits, what to do. A POST has the
    encoding of records go on, where a worker was ended in the middle of it."""
    if not person(request).is_superuser:
        raise PermissionDenied(_("检索状态由系统管理员查看。"))
    if request.method == "POST":
        index.go_on_encoding()
        return redirect("search-state")
    status = index.status()
    lack = status.meaning.lack
    context = {
        "status": status,
        "sound": status.engines[0].ok,
        "lack": lack_in_words(lack) if lack else "",
        "left": duration_in_words(status.meaning.seconds_left or 0),
    }
    return render(request, "cms/search_state.html", context)


@login_not_required
@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Can it search, has it its keys, can it write? For a load balancer; says which part fails and nothing
    else. Elasticsearch may be away. 200 with `warnings` where only an administrator has something to see to."""
    state = site_health()
    told = {"ok": state.is_good, "failing": state.failing, "warnings": state.warnings, "backup": no_backup() == ""}
    told |= {"processes": alive(), "failing_acts": PeriodicAct.objects.filter(failures__gt=0).count()}
    return JsonResponse(told, status=200 if state.is_good else 503)


@login_not_required
def not_here(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
    """Routes of Wagtail that would name foreign records: they are not there, for anybody."""
    raise Http404


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps the filing page open without a signal; its scope is the whole site."""
    context = {"file": reverse("casebook:file"), "static_url": settings.STATIC_URL}
    return render(request, "cms/sw.js", context, content_type="text/javascript")
