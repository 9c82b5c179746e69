"""Run by test_production_shape.py in a process of its own, with the production shape in its environment."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import django

django.setup()

from django.core import mail
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import setup_test_environment
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page

from casebook.factories import case_fields, make_draft, publish
from casebook.models import Project, ReviewPack
from casebook.placing import month_folder
from casebook.services.answering import Reply, answer_item
from casebook.services.bulk import PublishedCase, file_published_cases
from casebook.services.checking import accept_answers
from casebook.services.drawings import upload_drawing
from casebook.services.filing import CaseContent, Place, start_case
from casebook.services.packing import build_pack, hand_over, start_project
from casebook.services.publishing import withdraw_case
from casebook.services.signing import digest_of, sign_pack
from casebook.services.submitting import submit_case
from casebook.vocabulary import Library, ReviewStage
from cms.sample_data import load_people
from cms.sample_magazine import load_magazine
from estates.models import User
from magazine.models import Mailing
from magazine.report import report_of
from magazine.services.preparing import approve_mailing
from magazine.services.sending import send_mailing
from media.factories import draw_sheets
from media.models import PublicPhoto
from outputs.carriers import BackendCarrier
from search import index, upkeep
from search.engines import database_engine, elasticsearch_engine

setup_test_environment()  # lets a response tell its context
THREADS = 16
SAME = uuid4()


def send_again(_number: int) -> int:
    """The same case, sent by a phone that got no answer."""
    try:
        place = Place(ESTATES[2], None, date(2026, 11, 20))
        content = CaseContent(case_fields(COMPANY.design))
        return start_case(by=STAFF.editor, place=place, content=content, client_id=SAME).pk
    finally:
        connections.close_all()


def file_one(number: int) -> str:
    try:
        fields = dict(case_fields(COMPANY.design)) | {"no_photo_reason": "已清理"}
        place = Place(ESTATES[1], None, date(2026, 11, 20))
        draft = start_case(by=STAFF.editor, place=place, content=CaseContent(fields))
        return str(submit_case(case=draft, by=STAFF.editor).number)
    finally:
        connections.close_all()


def answer_or_revise(number: int) -> None:
    """Eleven answer on the second page of revision A while the twelfth uploads revision B, which changed it."""
    try:
        if number == 5:
            sheets = ContentFile(draw_sheets("一层", "二层改"))
            upload_drawing(by=answerer, pack=raced, number="建施-9", revision="B", upload=sheets, name="9.pdf")
        else:
            reply = Reply("avoided", "", "建施-9", "A", 2)
            answer_item(by=answerer, item=raced_items[number], reply=reply, seen=0)
    finally:
        connections.close_all()


def post(_number: int) -> None:
    """One of several postmen at the same mailing."""
    try:
        with BackendCarrier() as line:
            send_mailing(mailing, line)
    finally:
        connections.close_all()


call_command("migrate", verbosity=0)
call_command("make_keys", verbosity=0)
elasticsearch = elasticsearch_engine()
assert elasticsearch is not None
upkeep.make_ready()
COMPANY, STAFF, ESTATES = load_people()
User.objects.update(email="sample@example.invalid")
draft = make_draft(STAFF.editor, ESTATES[0], COMPANY.design)
case = publish(draft, by=STAFF.editor, manager=STAFF.manager, confirmer=STAFF.by_kind["design"])
designer = Client()
designer.force_login(STAFF.by_kind["design"], backend="django.contrib.auth.backends.ModelBackend")
upkeep.deliver_all()
answer = designer.get("/search/", {"q": "渗漏"}).context
found, degraded = answer["total"], answer["degraded"]
photo = designer.get(case.photos.get().photo.file.url).status_code
review = {"estate": ESTATES[5], "name": "一期", "climate": "cold", "components": ["basement"]}
project = start_project(by=STAFF.manager, project=Project(**review), demanding=[])
stage = project.stages.get(kind=ReviewStage.DRAWINGS)
pack = hand_over(by=STAFF.manager, pack=build_pack(by=STAFF.manager, stage=stage, library=Library.DESIGN, cap=9))
item = pack.items.get()
answerer = STAFF.by_kind["design"]
sheets = [("A", draw_sheets("一层", "二层")), ("B", draw_sheets("一层", "二层改"))]
for revision, content in sheets:
    if revision == "B":
        answer_item(by=answerer, item=item, reply=Reply("avoided", "", "建施-1", "A", 2), seen=0)
    drawing, opened = upload_drawing(
        by=answerer, pack=pack, number="建施-1", revision=revision, upload=ContentFile(content), name="1.pdf"
    )
page = designer.get(f"/packs/{pack.pk}/drawings/{drawing.pk}/pages/2/")
answer_item(by=answerer, item=item, reply=Reply("avoided", "", "建施-1", "B", 2), seen=1)
accept_answers(by=STAFF.manager, items=[(item, 2)])
signed = sign_pack(by=STAFF.manager, pack=pack)
told_by_all = {"description": "开裂", "lesson": "设防水", "components": ["basement"], "to_design": True}
file_published_cases(
    [
        PublishedCase(ESTATES[3], date(2026, 1, 5), {**told_by_all, "title": f"经验{n}"}, f"race-{n}")
        for n in range(THREADS)
    ],
    by=None,
)
raced = hand_over(by=STAFF.manager, pack=build_pack(by=STAFF.manager, stage=stage, library=Library.DESIGN, cap=THREADS))
raced_items = list(raced.items.all())
first_sheets = ContentFile(draw_sheets("一层", "二层"))
upload_drawing(by=answerer, pack=raced, number="建施-9", revision="A", upload=first_sheets, name="9.pdf")
with ThreadPoolExecutor(THREADS) as pool:
    list(pool.map(answer_or_revise, range(12)))
load_magazine(STAFF.editor, STAFF.manager, ESTATES)
mailing = approve_mailing(mailing=Mailing.objects.get(), by=STAFF.manager)
posted_before = len(mail.outbox)
with ThreadPoolExecutor(4) as pool:
    list(pool.map(post, range(4)))
posted = [message.to[0] for message in mail.outbox[posted_before:] if message.subject == mailing.subject]
edition = mailing.editions.get()
frozen_pdf = Client().get(f"/magazine/copy/{edition.key}/pdf/")
public = Client().get(PublicPhoto.objects.all()[0].sized("mail").url).status_code
withdraw_case(case=case, by=STAFF.manager, reason="重复")
after = designer.get("/search/", {"q": "渗漏"}).context["total"]
month_folder(ESTATES[2], date(2026, 11, 20))  # it stands: nobody waits for its making
with ThreadPoolExecutor(THREADS) as pool:
    numbers = sorted(pool.map(file_one, range(THREADS)))
    twins = len(set(pool.map(send_again, range(THREADS))))
upkeep.deliver_all()
call_command("db_worker", queue_name="*", batch=True, interval=0, startup_delay=False, verbosity=0)
told = {
    "raced": [raced.items.filter(answers=1, state="open").count(), raced.items.filter(answers=1).count()],
    "drawing": [drawing.changed_pages, opened, page.status_code, page["Content-Type"]],
    "magazine": [len(posted), len(set(posted)), report_of(mailing).sent, frozen_pdf.status_code, public],
    "intact": signed.digest == digest_of(ReviewPack.objects.get(pk=pack.pk)),
    "degraded": degraded,
    "differences": [len(upkeep.verify(engine)) for engine in (database_engine(), elasticsearch)],
    "mails": len(mail.outbox),
    "failed_tasks": DBTaskResult.objects.failed().count(),
    "twins": twins,
    "vendor": connection.vendor,
    "number": case.number,
    "found": found,
    "photo": photo,
    "after": after,
    "numbers": numbers,
    "problems": Page.find_problems(),
    "sound": all(engine.ok for engine in index.status().engines),
}
elasticsearch.drop()
print("TOLD " + json.dumps(told))
