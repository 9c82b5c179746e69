"""Lend documents (借阅) and get them back. The archivist lends; nothing goes outside without the director, and who is
outside `archives.standing` says, anew at each decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from archives import policies
from archives.items import tidy
from archives.models import DossierDocument, DossierPage, DossierStep, Loan, LoanItem, PaperCheck
from archives.profiles import latest_profile
from archives.register import Reader, note
from archives.services.errors import DossierError
from archives.services.restricting import refuse_restricted
from archives.services.wording import fitting, purpose_words
from archives.standing import Standing, standing_of
from archives.vocabulary import OUT_STATES, ItemKind, LoanState, Medium, State, Step
from vault.models.access import Act

if TYPE_CHECKING:
    from estates.models import User

LONGEST_DAYS = 90
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be lent. Without a `borrower` it goes outside, to whom `outside` names."""

    medium: str
    purpose: str
    due_on: date
    documents: Collection[int]
    borrower: User | None = None
    outside: str = ""


@transaction.atomic
def ask_loan(*, reader: Reader, dossier: DossierPage, wish: Wish) -> Loan:
    """Ask for documents of a filed dossier. Raises PermissionDenied, DossierError."""
    held = DossierPage.objects.held(dossier.pk)
    if not policies.may_ask_for_loan(reader.user, held):
        raise PermissionDenied
    refuse_restricted(held)
    documents = _lendable(held, wish)
    loan = Loan(
        dossier=held,
        medium=wish.medium,
        purpose=purpose_words(wish.purpose, latest_profile(held.customer)),
        borrower=wish.borrower,
        is_outside=_goes_outside(wish.borrower),
        due_on=wish.due_on,
        asked_by=reader.user,
    )
    if wish.borrower is None:
        loan.seal_note(held.customer.subject, fitting(tidy(wish.outside, ItemKind.TEXT), wish.outside, LONGEST_NAME))
    loan.save()
    LoanItem.objects.bulk_create(LoanItem(loan=loan, document=document) for document in documents)
    return loan


def _goes_outside(borrower: User | None) -> bool:
    """Raises DossierError for somebody who borrows nothing."""
    standing = Standing.OUTSIDE if borrower is None else standing_of(borrower)
    if standing == Standing.STRANGER:
        raise DossierError(_("没有找到这位同事：会员和没有岗位的账号不能借阅。"))
    return standing == Standing.OUTSIDE


def _lendable(held: DossierPage, wish: Wish) -> list[DossierDocument]:
    if held.state != State.FILED:
        raise DossierError(_("归档以后才能借阅。"))
    if wish.medium not in Medium.values:
        raise DossierError(_("请选择借纸质还是电子文件。"))
    days = (wish.due_on - timezone.localdate()).days
    if not 0 <= days <= LONGEST_DAYS:
        raise DossierError(_("应还日期要在今天到 %(days)d 天之内。") % {"days": LONGEST_DAYS})
    if wish.borrower is None and not tidy(wish.outside, ItemKind.TEXT):
        raise DossierError(_("请选择借阅人；借给外单位时写明单位和经手人。"))
    documents = list(held.documents.filter(pk__in=wish.documents))
    if not documents:
        raise DossierError(_("请选择要借的文件。"))
    if wish.medium == Medium.PAPER:
        _refuse_absent_papers(documents)
    return documents


def _refuse_absent_papers(documents: list[DossierDocument]) -> None:
    if absent := [document for document in documents if not document.has_paper]:
        raise DossierError(_("%(document)s没有纸质原件，请借电子文件。") % {"document": absent[0]})
    if out := out_papers().filter(document__in=documents).select_related("loan", "document").first():
        raise DossierError(
            _("%(document)s的纸质原件已借出，%(day)s 应还。")
            % {"document": out.document, "day": out.loan.due_on.isoformat()}
        )


def out_papers() -> QuerySet[LoanItem]:
    return LoanItem.objects.filter(loan__medium=Medium.PAPER, loan__state__in=OUT_STATES, back_at=None)


@transaction.atomic
def decide_loan(*, reader: Reader, loan: Loan, grant: bool) -> Loan:
    """The archivist lends it, or asks the director for one that goes outside; nobody approves his own.

    Raises PermissionDenied, DossierError.
    """
    held, row = _hold(loan)
    if row.state == LoanState.DIRECTOR:
        return _decide_outside(reader, held, row, grant=grant)
    if not policies.may_lend(reader.user, held):
        raise PermissionDenied
    if row.state != LoanState.ASKED:
        raise DossierError(_("这次借阅已经有了决定。"))
    if reader.user.pk in (row.borrower_id, row.asked_by_id):
        raise DossierError(_("不能批准自己申请或自己借阅的文件，请另一位档案管理员批准。"))
    row.approved_by = reader.user
    if not grant:
        row.state = LoanState.REFUSED
        row.save(update_fields=["state", "approved_by"])
        return row
    row.is_outside = _goes_outside(row.borrower)
    if row.is_outside:
        row.state = LoanState.DIRECTOR
        row.save(update_fields=["state", "approved_by", "is_outside"])
    else:
        _hand_out(reader, held, row)
    return row


def _decide_outside(reader: Reader, held: DossierPage, row: Loan, *, grant: bool) -> Loan:
    if not policies.may_approve_outside(reader.user, held):
        raise PermissionDenied
    if reader.user.pk in (row.asked_by_id, row.borrower_id):
        raise DossierError(_("不能批准自己申请或自己借阅的外借。"))
    if reader.user.pk == row.approved_by_id:
        raise DossierError(_("外借要由两个人批准：您已经以档案管理员的身份批准过。"))
    row.director = reader.user
    if grant:
        row.is_outside = _goes_outside(row.borrower)
        _hand_out(reader, held, row)
    else:
        row.state = LoanState.REFUSED
        row.save(update_fields=["state", "director"])
    return row


def _hand_out(reader: Reader, held: DossierPage, row: Loan) -> None:
    refuse_restricted(held)
    documents = [item.document for item in row.items.select_related("document")]
    if row.medium == Medium.PAPER:
        _refuse_absent_papers(documents)
    row.state, row.out_at = LoanState.OUT, timezone.now()
    row.save(update_fields=["state", "out_at", "approved_by", "director", "is_outside"])
    DossierStep.objects.create(dossier=held, step=Step.LENT, by=reader.user, detail={"loan": row.pk})
    note(reader, Act.LENT, held, purpose=row.purpose, count=len(documents), part=parts_of(documents))


@transaction.atomic
def return_items(*, reader: Reader, loan: Loan, items: Collection[int]) -> Loan:
    """Note which documents came back; the loan ends with the last. Raises PermissionDenied, DossierError."""
    held, row = _hold(loan)
    if not policies.may_lend(reader.user, held):
        raise PermissionDenied
    if row.state not in OUT_STATES:
        raise DossierError(_("这次借阅没有文件在外。"))
    back = list(row.items.filter(pk__in=items, back_at=None).select_related("document"))
    row.items.filter(pk__in=[item.pk for item in back]).update(back_at=timezone.now(), back_by=reader.user)
    if not back:
        raise DossierError(_("请选择还回来的文件。"))
    row.state = LoanState.PARTLY if row.items.filter(back_at=None).exists() else LoanState.BACK
    row.back_at = timezone.now() if row.state == LoanState.BACK else None
    row.save(update_fields=["state", "back_at"])
    DossierStep.objects.create(dossier=held, step=Step.GIVEN_BACK, by=reader.user, detail={"loan": row.pk})
    parts = parts_of(item.document for item in back)
    note(reader, Act.RETURNED, held, purpose=row.purpose, count=len(back), part=parts)
    return row


def parts_of(documents: Iterable[DossierDocument]) -> str:
    """Which documents, as the register names them."""
    return " ".join(sorted(document.part for document in documents))


def loan_of(user: User, document: DossierDocument) -> Loan | None:
    """By which the electronic document is lent to the person now."""
    return policies.lent_to(user).filter(items__document=document, items__back_at=None).order_by("pk").first()


def documents_lent_to(user: User, dossier: DossierPage) -> QuerySet[DossierDocument]:
    lent = LoanItem.objects.filter(back_at=None, loan__in=policies.lent_to(user)).values("document")
    return dossier.documents.filter(pk__in=lent)


@transaction.atomic
def check_paper(*, reader: Reader, document: DossierDocument, is_found: bool) -> PaperCheck:
    """At a stock-take: the paper is in its place, or not. Raises PermissionDenied."""
    if not policies.may_lend(reader.user, document.dossier):
        raise PermissionDenied
    return PaperCheck.objects.create(document=document, is_found=is_found, by=reader.user)


def _hold(loan: Loan) -> tuple[DossierPage, Loan]:
    """The dossier first, then the loan: everybody locks in this order."""
    held = DossierPage.objects.held(loan.dossier_id)
    return held, Loan.objects.select_for_update().get(pk=loan.pk)
