"""The answering desk of one pack, as one person or one outside link has it before them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from casebook import policies
from casebook.models import Drawing, OutsideLink, PackItem, ReviewPack
from casebook.services.answering import Respondent, may_answer
from casebook.vocabulary import SAID, TO_ANSWER, Discipline, ItemState, PackState
from estates.models import User

MINE = "mine"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the items of one discipline, or all of them, are. `said`: answered, whatever became of it."""

    code: str
    label: str
    said: int
    total: int


@dataclass(frozen=True, slots=True)
class Desk:
    """`base` is the address that all others hang on. `watermark` is empty for staff."""

    pack: ReviewPack
    by: Respondent
    base: str
    may_answer: bool
    may_check: bool
    watermark: str = ""

    @property
    def items(self) -> QuerySet[PackItem]:
        """The items that this person, or this link, may see. Every read of the desk begins here."""
        if isinstance(self.by, OutsideLink):
            items = PackItem.objects.filter(pack=self.by.pack_id)
            return items.filter(discipline__in=self.by.disciplines) if self.by.disciplines else items
        return PackItem.objects.visible_to(self.by).filter(pack=self.pack)

    @property
    def drawings(self) -> QuerySet[Drawing]:
        """A link sees what it uploaded itself, and what the items before it point to."""
        drawings = Drawing.objects.of(self.pack)
        if isinstance(self.by, OutsideLink):
            named = self.items.filter(given__drawing__isnull=False).values("given__drawing")
            return (drawings.filter(link=self.by) | drawings.filter(pk__in=named)).distinct()
        return drawings

    @property
    def is_outside(self) -> bool:
        return isinstance(self.by, OutsideLink)

    @property
    def awaited(self) -> frozenset[ItemState]:
        """The states of the items that wait for this person: who only checks waits for answers."""
        return frozenset({ItemState.ANSWERED}) if self.may_check and not self.may_answer else TO_ANSWER

    def within(self, chosen: str) -> QuerySet[PackItem]:
        """The items of one discipline, those assigned to this person (MINE), or, for anything else, all."""
        if chosen == MINE:
            return self.items.filter(discipline__in=self.mine())
        return self.items.filter(discipline=chosen) if chosen in Discipline else self.items

    def mine(self) -> list[str]:
        """The disciplines that were assigned to this person."""
        if isinstance(self.by, OutsideLink):
            return []
        return list(self.pack.assignees.filter(user=self.by).values_list("discipline", flat=True))

    def progress(self) -> list[Progress]:
        """All items first, those assigned to this person next, then each discipline that has some."""
        rows = list(self.items.order_by().values_list("discipline", "state"))
        total = Counter(discipline for discipline, _state in rows)
        said = Counter(discipline for discipline, state in rows if state in SAID)
        each = [Progress(d.value, str(d.label), said[d.value], total[d.value]) for d in Discipline if total[d.value]]
        mine = self.mine()
        own = Progress(MINE, _("我负责的"), sum(said[d] for d in mine), sum(total[d] for d in mine))
        return [Progress("", _("全部"), sum(said.values()), len(rows)), *([own] if own.total else []), *each]


def desk_of_user(user: User, pack: ReviewPack) -> Desk:
    """A pack that the user may see."""
    under_way = pack.state == PackState.HANDED_OVER
    return Desk(
        pack=pack,
        by=user,
        base=reverse("casebook:pack", args=[pack.pk]),
        may_answer=under_way and may_answer(user, pack),
        may_check=under_way and policies.may_manage_on(user, pack.stage.project.estate),
    )


def desk_of_link(link: OutsideLink, token: str) -> Desk:
    """An open link whose code was entered."""
    return Desk(
        pack=link.pack,
        by=link,
        base=reverse("casebook:outside", args=[token]),
        may_answer=link.pack.state == PackState.HANDED_OVER,
        may_check=False,
        watermark=_("%(institute)s · 外部链接 %(number)d") % {"institute": link.institute, "number": link.pk},
    )


def packs_under_review(user: User) -> QuerySet[ReviewPack]:
    """Those that the user may see, the most urgent first."""
    packs = ReviewPack.objects.visible_to(user).filter(state=PackState.HANDED_OVER)
    return packs.select_related("stage__project__estate").order_by("due_on", "pk")


def waiting_for(user: User, pack: ReviewPack) -> int:
    """How many of the pack's items wait for this person: to be checked, or to be answered in his disciplines."""
    desk = desk_of_user(user, pack)
    if not (desk.may_answer or desk.may_check):
        return 0
    waiting = desk.items.filter(state__in=desk.awaited)
    mine = desk.mine() if desk.may_answer else []
    return (waiting.filter(discipline__in=mine) if mine else waiting).count()
