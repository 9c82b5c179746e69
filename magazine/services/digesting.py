"""The newsletter to the departments: the new lessons of a week or a month, to each who may read them, by his trades.

It goes out by the same editions, deliveries and postman as the magazine; nobody approves it, since it says nothing that
its readers could not open anyway.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from casebook.models import CasePage
from casebook.sheets import impersonal
from casebook.vocabulary import Discipline, discipline_of
from casebook.word_table import parts_named
from estates.models import User
from magazine.addresses import BadAddress, parse_address
from magazine.content import Content, Entry, Section
from magazine.links import MailLinks
from magazine.models import Delivery, DigestWish, Edition, Mailing
from magazine.models.digests import Rhythm
from magazine.policies import DIGEST_READERS
from magazine.rendering.mail import mail_html, mail_text
from magazine.services.subscribing import domain_token
from magazine.vocabulary import MailingKind, MailingState
from website.reading import Paragraph

MOST = 40
"""So many lessons stand in a digest; the rest is read in the workbench."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    rhythm: Rhythm
    first: date
    last: date

    @property
    def key(self) -> str:
        return f"{self.rhythm}:{self.first}"

    @property
    def words(self) -> str:
        return f"{self.first}–{self.last:%m-%d}" if self.rhythm == Rhythm.WEEK else f"{self.first:%Y-%m}"


def periods_ended(today: date) -> list[Period]:
    """Those that a reader may still be told of: the last whole week, the last whole month."""
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    return [
        Period(Rhythm.WEEK, monday - timedelta(days=7), monday - timedelta(days=1)),
        Period(Rhythm.MONTH, before, first - timedelta(days=1)),
    ]


def send_digests(today: date | None = None) -> int:
    """Prepare what is due and not yet prepared; the postman sends it. Returns how many colleagues get one."""
    return sum(_send(period) for period in periods_ended(today or timezone.localdate()))


def _send(period: Period) -> int:
    try:
        with transaction.atomic(), override(settings.LANGUAGE_CODE):
            return _prepare(period)
    except IntegrityError:
        return 0  # somebody else prepares the same one


def _prepare(period: Period) -> int:
    if Mailing.objects.filter(period=period.key).exists():
        return 0
    circles = _circles(period)
    if not circles:
        return 0
    subject = _("新经验简报 %(period)s") % {"period": period.words}
    mailing = Mailing.objects.create(
        kind=MailingKind.DIGEST,
        subject=subject,
        period=period.key,
        state=MailingState.APPROVED,
        scheduled_for=timezone.now(),
    )
    rows = []
    for cases, users in circles.items():
        edition = _edition(mailing, period, cases)
        rows += [Delivery(mailing=mailing, edition=edition, colleague=user, domain=d) for user, d in users]
    Delivery.objects.bulk_create(rows)
    return len(rows)


def _circles(period: Period) -> dict[tuple[CasePage, ...], list[tuple[User, str]]]:
    """Colleagues who read the same lessons, by these; who has none to read, or no address, is left out."""
    wishes = {wish.user_id: wish for wish in DigestWish.objects.all()}
    circles: dict[tuple[CasePage, ...], list[tuple[User, str]]] = defaultdict(list)
    for user in User.objects.filter(is_active=True, assignments__role__in=DIGEST_READERS).distinct().order_by("pk"):
        wish = wishes.get(user.pk, DigestWish(user=user))
        if wish.rhythm != period.rhythm:
            continue
        cases = tuple(case for case in new_lessons(user, period) if _is_wanted(case, wish))
        try:
            domain = domain_token(parse_address(user.email))
        except BadAddress:
            continue
        if cases:
            circles[cases].append((user, domain))
    return circles


def new_lessons(user: User, period: Period) -> list[CasePage]:
    """Published in the period and there for the person to read."""
    days = (period.first, period.last)
    cases = CasePage.objects.visible_to(user).live().filter(first_published_at__date__range=days)
    return list(cases.select_related("estate", "responsible_department").order_by("-first_published_at", "-pk")[:MOST])


def discipline_of_case(case: CasePage) -> Discipline:
    return discipline_of(parts_named(case.components, case.title, case.description))


def _is_wanted(case: CasePage, wish: DigestWish) -> bool:
    return not wish.disciplines or discipline_of_case(case) in wish.disciplines


def _edition(mailing: Mailing, period: Period, cases: tuple[CasePage, ...]) -> Edition:
    by_discipline: dict[Discipline, list[CasePage]] = defaultdict(list)
    for case in cases:
        by_discipline[discipline_of_case(case)].append(case)
    sections = [
        Section("lessons", one.value, str(one.label), tuple(_entry(case) for case in by_discipline[one]))
        for one in Discipline
        if one in by_discipline
    ]
    content = Content(_("新经验简报"), period.words, sections=tuple(sections))
    lessons = settings.SITE_URL + reverse("casebook:lessons")
    links = MailLinks(issue=lessons, copy="", is_digest=True)
    html, text = mail_html(content, links), mail_text(content, links)
    return Edition.objects.create(mailing=mailing, html=html, text=text)


def _entry(case: CasePage) -> Entry:
    facts = [str(case.number), str(case.estate), str(case.responsible_department or "")]
    link: Paragraph = {
        "kind": "p",
        "runs": [{"text": _("打开案例"), "bold": False, "href": settings.SITE_URL + case.get_absolute_url()}],
    }
    lesson: Paragraph = {
        "kind": "p",
        "runs": [{"text": impersonal(case.lesson or case.requirement)[:300], "bold": False, "href": ""}],
    }
    return Entry(impersonal(case.title), " · ".join(filter(None, facts)), (lesson, link))
