"""What proves a disposal: what was destroyed, what stayed, and who decided; it names homes and numbers, nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from archives.impersonal import staff_words
from archives.life_vocabulary import Disposal, Term
from archives.sheets import Sheet, printed_sheet

if TYPE_CHECKING:
    from archives.models import DisposalItem, DisposalList

DIGEST_SHOWN = 16


def disposal_certificate(disposal: DisposalList) -> bytes:
    """A PDF of a list that was carried out."""
    rows = [_line(item) for item in disposal.items.select_related("dossier__unit", "first_by", "second_by")]
    ran = date_format(localtime(disposal.run_at), "Y-m-d H:i") if disposal.run_at else "—"
    named = {"estate": disposal.estate, "when": ran, "who": staff_words(disposal.run_by)}
    return printed_sheet(
        Sheet(
            title=_("档案销毁证明"),
            number=str(disposal),
            about=_("%(estate)s，执行于 %(when)s，执行人 %(who)s") % named,
            columns=[_("档号"), _("保管期限"), _("期满"), _("文件/页"), _("鉴定"), _("批准"), _("处置与校验")],
            rows=rows,
            note=_(
                "已销毁的：数据行、存储文件和客户密钥都已销毁，备份里的内容不能再读出。校验是全部文件 SHA-256 的摘要。"
            ),
        )
    )


def _line(item: DisposalItem) -> list[str]:
    gone = item.state in (Disposal.DESTROYED, Disposal.DESTROYING)
    digest = f" {item.digest[:DIGEST_SHOWN]}" if gone else ""
    return [
        item.dossier.key,
        str(Term(item.term).label),
        item.due_on.isoformat(),
        f"{item.documents} / {item.pages}" if gone else "—",
        f"{item.get_first_display()} {staff_words(item.first_by) if item.first_by else ''}".strip(),
        f"{item.get_second_display()} {staff_words(item.second_by) if item.second_by else ''}".strip(),
        f"{item.get_state_display()}{digest}",
    ]
