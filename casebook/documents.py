"""What a case gives to search: the version in its row, which is what readers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casebook.outgoing import outgoing
from casebook.policies import case_audience
from casebook.vocabulary import discipline_of
from casebook.word_table import parts_named
from estates.pinyin import bare_name
from search.documents import Document

if TYPE_CHECKING:
    from casebook.models import CasePage

KIND = "case"


def case_document(case: CasePage) -> Document:
    texts = (case.description, case.cause, case.lesson, case.requirement, case.measure, case.drawing_number)
    title, body = outgoing(case.title), outgoing("\n".join(text for text in texts if text))
    return Document(
        kind=KIND,
        id=case.pk,
        title=title,
        body=body,
        date=case.record_date,
        audience=case_audience(case),
        names=(bare_name(str(case.owner)),) if case.owner else (),
        codes=tuple(code for code in (case.number, case.unit and case.unit.code) if code),
        facets={
            "estate": case.estate.code,
            "month": f"{case.record_date:%Y-%m}",
            "department": str(case.responsible_department_id or ""),
            "discipline": discipline_of(parts_named(case.components, case.title, case.description)),
            "category": case.category,
            "stage": case.stage,
            "kind": KIND,
            "state": case.state,
        },
    )
