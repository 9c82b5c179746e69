"""What goes on with the sample dossiers after filing: a change, a likely duplicate, a handover, a request, an expired
tenancy. All people are invented."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

from django.core.files.base import File
from django.utils import timezone

from archives.duplicates import propose_duplicates
from archives.evidence import Named
from archives.factories import enter, make_filed, open_dossier, sample_profile
from archives.life_vocabulary import RequestKind
from archives.models import DossierPage
from archives.register import Reader
from archives.services.changing import Wanted, ask_change
from archives.services.deeds import note_deed
from archives.services.documents import checked_file
from archives.services.handing_over import plan_handover
from archives.services.holding import end_tenure
from archives.services.person_requests import Asked, take_request
from archives.vocabulary import Channel, State
from estates.factories import make_unit
from estates.models import Estate, User
from media.factories import draw_sheets


def load_archive_life(editor: User, archivist: User, estates: list[Estate]) -> None:
    today, home = timezone.localdate(), estates[0]
    owner = DossierPage.objects.get(estate=home, state=State.FILED, tenure__closed_on=None)
    phone, unit = str(sample_profile("张三", 1)["mobile"]), owner.unit.written
    form = checked_file(File(BytesIO(draw_sheets("变更登记表")), "sample.pdf"), "变更登记表.pdf")
    wanted = Wanted(Channel.PAPER, today, {"mobile": "13800009999"}, Named(phone=phone, unit=unit))
    ask_change(reader=Reader(editor), dossier=owner, wanted=wanted, form=form)
    note_deed(reader=Reader(editor), dossier=owner, on=today - timedelta(10))
    asked = Asked(RequestKind.ACCESS, Channel.PHONE, today - timedelta(4), Named(phone=phone, unit=unit))
    take_request(reader=Reader(editor), dossier=owner, asked=asked)
    again = open_dossier(editor, make_unit(home, "2栋3单元1201"), channel=Channel.WECHAT)
    enter(editor, again, {"name": "張三", "mobile": phone, "address": "示例市示例路1号旁"})
    flat = make_unit(home, "5栋303")
    tenant = make_filed(
        editor, archivist, flat, "示例租户", 12, tenure="tenant", need="rent", opened_on=date(2008, 3, 1)
    )
    end_tenure(reader=Reader(editor), dossier=tenant, on=date(2012, 8, 31))
    plan_handover(by=editor, estate=home, building=None, begins_on=today + timedelta(40))
    propose_duplicates()
