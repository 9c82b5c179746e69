"""Sample customers of the sample company: filed, waiting, returned, being entered, resold. All of them are invented."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from archives.factories import complete, enter, make_dossier, make_filed, open_dossier, sample_profile
from archives.register import Reader
from archives.services.contacts import add_contact
from archives.services.reviewing import return_dossier, submit_dossier
from archives.vocabulary import Gate
from estates.models import Estate, Unit, User


def load_dossiers(editor: User, archivist: User, estates: list[Estate]) -> None:
    today = timezone.localdate()
    home, other = estates[0], estates[1]
    units = list(Unit.objects.filter(estate=home).order_by("pk"))
    make_filed(editor, archivist, units[3], "赵六", 4, opened_on=today - timedelta(700), shelf_mark="A-1-03")
    owner = make_filed(
        editor, archivist, units[3], "张三", 1, opened_on=today - timedelta(40), is_resale=True, shelf_mark="A-1-04"
    )
    for days, channel, text in ((30, "phone", "交房后第一次回访，水压偏低，已转物业"), (3, "wechat", "确认水压已恢复")):
        add_contact(reader=Reader(editor), dossier=owner, on=today - timedelta(days), channel=channel, text=text)
    waiting = complete(editor, make_dossier(editor, units[0], "李四", 2, shelf_mark="A-2-01"))
    submit_dossier(reader=Reader(editor), dossier=waiting)
    returned = complete(editor, make_dossier(editor, units[1], "王五", 3))
    submit_dossier(reader=Reader(editor), dossier=returned)
    reason = "身份证扫描件看不清最后四位，请重扫"
    return_dossier(reader=Reader(archivist), dossier=returned, gate=Gate.COMPLETE, reason=reason)
    doubtful = sample_profile("买买提·示例", 5) | {"mobile": "1380000", "ideal_home": ["户型", "景观"]}
    enter(editor, open_dossier(editor, units[2]), doubtful)
    open_dossier(editor, units[4], customer_kind="company", need="invest")
    make_filed(editor, archivist, Unit.objects.filter(estate=other).order_by("pk")[0], "张三", 8)
