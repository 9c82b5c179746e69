"""Mail about reviews and packs. Only numbers and addresses go into mail: what a case says stays behind the sign-in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casebook import policies
from casebook.models import CasePage, CaseReview, ReviewPack
from casebook.reviewers import reviewers_of
from casebook.vocabulary import Library
from estates.departments import members_of
from estates.models import Department, User
from exchange.mail import mail_users


def tell_reviewers(case_pk: int) -> None:
    """To those for whom the open step waits."""
    for review in CaseReview.reviews.open().with_cases().filter(case=case_pk):
        mail_users(
            deciders(review),
            subject=_("案例 %(number)s 等待您审核") % {"number": review.case.number},
            body=_body(review.case, _("请在 %(date)s 前确认或提出异议。") % {"date": review.due_on}),
        )


def tell_editor_of_objection(review_pk: int) -> None:
    review = CaseReview.reviews.with_cases().get(pk=review_pk)
    editors = {review.case.owner_id, review.workflow_state.requested_by_id} - {None}
    mail_users(
        editors,
        subject=_("案例 %(number)s 被退回") % {"number": review.case.number},
        body=_body(review.case, _("%(who)s提出了异议，请查看原因，修改后再提交。") % {"who": review.waits_for}),
    )


def remind(review: CaseReview) -> None:
    mail_users(
        deciders(review),
        subject=_("催办：案例 %(number)s 已超过办理期限") % {"number": review.case.number},
        body=_body(review.case, _("办理期限是 %(date)s。") % {"date": review.due_on}),
    )


def deciders(review: CaseReview) -> Iterable[int]:
    """Ids of the users who may decide the step."""
    return list(reviewers_of(review).values_list("pk", flat=True))


def tell_respondents(pack_pk: int) -> None:
    """A pack was handed over: to those it is divided among, else to everybody who answers for its audience."""
    _mail_respondents(pack_pk, _("经验审查包等待您答复"), _("请在 %(date)s 前逐条答复。"))


def tell_of_return(pack_pk: int) -> None:
    _mail_respondents(pack_pk, _("经验审查包有条目被退回"), _("请查看退回的原因，重新答复。"))


def remind_respondents(pack_pk: int) -> None:
    sentence = _("答复期限是 %(date)s，还有条目没有答复。")
    _mail_respondents(pack_pk, _("催办：经验审查包已超过答复期限"), sentence)


def _mail_respondents(pack_pk: int, subject: str, sentence: str) -> None:
    """The sentence may name the day until which answers are due: %(date)s."""
    pack = ReviewPack.objects.select_related("stage__project__estate").get(pk=pack_pk)
    mail_users(respondents(pack), subject=subject, body=_body(pack, sentence % {"date": pack.due_on}))


def respondents(pack: ReviewPack) -> Iterable[int]:
    """Ids of the active users a pack waits for."""
    named = list(pack.assignees.filter(user__is_active=True).values_list("user", flat=True).distinct().order_by())
    if named:
        return named
    return sorted(user.pk for user in possible_respondents(pack))


def possible_respondents(pack: ReviewPack) -> list[User]:
    """Active members of the departments of the pack's audience, on its estate."""
    kind = policies.LIBRARY_DEPARTMENTS[Library(pack.library)]
    departments = Department.objects.filter(kind=kind)
    members = {user.pk: user for d in departments for user in members_of(d, pack.stage.project.estate)}
    return sorted(members.values(), key=str)


def tell_of_failed_queries(week: date, times: int, proposed: int) -> None:
    """The week's list, to those who keep the words of search; what was asked stays behind the sign-in."""
    keepers = [user.pk for user in User.objects.filter(is_active=True) if policies.may_keep_words(user)]
    sentence = ngettext(
        "%(week)s 起的一周有 %(n)d 次查询没有结果，", "%(week)s 起的一周有 %(n)d 次查询没有结果，", times
    ) % {"week": week.isoformat(), "n": times}
    sentence += ngettext("建议了 %(n)d 组同义词。", "建议了 %(n)d 组同义词。", proposed) % {"n": proposed}
    body = f"{sentence}\n\n{settings.SITE_URL}{reverse('casebook:words')}\n"
    mail_users(keepers, subject=_("上周没有结果的查询"), body=body)


def _body(case: CasePage | ReviewPack, sentence: str) -> str:
    return f"{sentence}\n\n{settings.SITE_URL}{case.get_absolute_url()}\n"
