"""Two sample reviews: one signed off, after which the trouble happened again, and one that designers are answering."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from casebook.factories import make_draft, publish
from casebook.models import CasePage, Project, ReviewPack
from casebook.services.adopting import adopt_lesson
from casebook.services.answering import Reply, answer_item
from casebook.services.checking import accept_answers, check_answer
from casebook.services.drawings import upload_drawing
from casebook.services.packing import assign_discipline, build_pack, hand_over, start_project
from casebook.services.signing import Demand, sign_pack
from casebook.vocabulary import Climate, Component, Discipline, Library, ProductType, ReviewStage, Verdict
from cms.sample_data import Staff
from estates.factories import Company
from estates.models import Estate
from media.factories import draw_sheets

SIGNED, UNDER_WAY = 12, 24
SHEETS = ("建施-12 地下一层平面图", "建施-12 地下一层详图", "建施-12 变形缝节点")
PARTS = [one.value for one in Component if one not in (Component.CURTAIN_WALL, Component.SKYLIGHT)]
CAR_PARK = "地下车库顶板变形缝渗漏"


def load_reviews(company: Company, staff: Staff, signed_on: Estate, under_way_on: Estate) -> None:
    _sign(_pack(staff, signed_on, SIGNED), staff)
    later = make_draft(
        staff.editor,
        signed_on,
        company.design,
        record_date=timezone.localdate(),
        title="负一层车库顶上往下滴水",
        description="雨后负一层车库变形缝往下滴水，车顶有水渍。",
    )
    publish(later, by=staff.editor, manager=staff.manager, confirmer=staff.by_kind["design"])
    _answer_some(_pack(staff, under_way_on, UNDER_WAY), staff)
    lesson = CasePage.objects.filter(title=CAR_PARK, live=True).first()
    if lesson:
        adopt_lesson(
            by=staff.by_kind["design"],
            case=lesson,
            department=company.design,
            outcome="adopted",
            standard_number="示例标-地下-07",
        )


def _pack(staff: Staff, estate: Estate, cap: int) -> ReviewPack:
    project = Project(
        estate=estate,
        name="一期",
        product_types=[ProductType.HIGH_RISE],
        climate=Climate.HOT_SUMMER_COLD_WINTER,
        components=PARTS,
        homes=640,
    )
    start_project(by=staff.manager, project=project, demanding=[ReviewStage.DRAWINGS])
    stage = project.stages.get(kind=ReviewStage.DRAWINGS)
    return hand_over(by=staff.manager, pack=build_pack(by=staff.manager, stage=stage, library=Library.DESIGN, cap=cap))


def _sign(pack: ReviewPack, staff: Staff) -> None:
    """All avoided but the last, which is signed under a condition."""
    items = list(pack.items.order_by("position"))
    for item in items:
        reply = Reply(Verdict.AVOIDED, drawing_number=f"建施-{item.position + 10}", drawing_revision="A", page=1)
        if item is items[-1]:
            reply = Reply(Verdict.NOT_AVOIDED, note="本版标高已定，下一版调整。")
        answer_item(by=staff.by_kind["design"], item=item, reply=reply, seen=0)
    accept_answers(by=staff.manager, items=[(item, 1) for item in items])
    demand = Demand("在下一版图纸中调整，并附节点详图", timezone.localdate() + timedelta(30))
    sign_pack(by=staff.manager, pack=pack, remark="同意，附一项条件", demands={items[-1].pk: demand})


def _answer_some(pack: ReviewPack, staff: Staff) -> None:
    """A third is answered, one of it accepted and one sent back; a drawing lies there to pin answers on."""
    designer = staff.by_kind["design"]
    sheets = ContentFile(draw_sheets(*SHEETS))
    upload_drawing(by=designer, pack=pack, number="建施-12", revision="A", upload=sheets, name="建施-12.pdf")
    assign_discipline(by=staff.manager, pack=pack, discipline=Discipline.ARCHITECTURE, to=designer)
    items = list(pack.items.order_by("position")[: UNDER_WAY // 3])
    for item in items:
        pinned = Reply(Verdict.AVOIDED, "见节点详图。", "建施-12", "A", 1 + item.position % len(SHEETS), (0.4, 0.5))
        none = Reply(Verdict.NOT_APPLICABLE, note="本项目没有这个部位。")
        answer_item(by=designer, item=item, reply=none if item.position % 4 == 0 else pinned, seen=0)
    check_answer(by=staff.manager, item=items[0], seen=1, accept=True)
    check_answer(by=staff.manager, item=items[1], seen=1, accept=False, remark="图上看不到要求的做法，请标注详图号。")
