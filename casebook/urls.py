from django.urls import path

from casebook.views import (
    cases,
    correcting,
    desk,
    desk_files,
    exporting,
    filing,
    library,
    packs,
    photos,
    projects,
    reports,
    searching,
    words,
)
from casebook.views.doors import DeskView, by_account, by_link, outside

app_name = "casebook"

DESK: list[tuple[str, DeskView, str]] = [
    ("answer/", desk.screen, "answer"),
    ("items/<int:item>/", desk.item, "item"),
    ("items/<int:item>/check/", desk.check, "check"),
    ("items/<int:item>/photos/<int:place>/", desk_files.photo, "item-photo"),
    ("report/", reports.pack_report, "report"),
    ("bulk/", desk.bulk, "bulk"),
    ("accept/", desk.accept_rest, "accept"),
    ("drawings/", desk_files.drawings, "drawings"),
    ("drawings/<int:drawing>/", desk_files.drawing_file, "drawing"),
    ("drawings/<int:drawing>/changed/", desk_files.changed, "drawing-changed"),
    ("drawings/<int:drawing>/pages/<int:page>/", desk_files.drawing_page, "drawing-page"),
    ("answers/<int:answer>/file/", desk_files.attachment, "attachment"),
]
"""What stands behind both doors, below the pack's address and below a link's."""

urlpatterns = [
    path("file/", filing.file_case, name="file"),
    path("file/photos/", photos.upload_photo, name="photo"),
    path("file/similar/", filing.similar_cases, name="similar"),
    path("file/<slug:slug>/", filing.edit_draft, name="edit"),
    path("c/<slug:key>/", cases.case_page, name="case"),
    path("c/<slug:key>/sheet/", cases.case_sheet, name="sheet"),
    path("c/<slug:key>/similar/", cases.similar_cases, name="similar-to"),
    path("c/<slug:key>/decide/", cases.decide_on_case, name="decide"),
    path("c/<slug:key>/withdraw/", cases.withdraw, name="withdraw"),
    path("c/<slug:key>/place/", correcting.place, name="place"),
    path("c/<slug:key>/void/", correcting.void, name="void"),
    path("numbers/", correcting.numbers, name="numbers"),
    path("search/export/", exporting.export_results, name="export"),
    path("search/words/", words.search_words, name="words"),
    path("search/", searching.search_cases, name="search"),
    path("lessons/", library.new_lessons, name="lessons"),
    path("projects/", projects.projects, name="projects"),
    path("projects/new/", projects.new_project, name="new-project"),
    path("projects/<int:pk>/", projects.project_page, name="project"),
    path("projects/<int:pk>/packs/", projects.new_pack, name="new-pack"),
    path("projects/<int:pk>/report/", reports.project_report, name="project-report"),
    path("projects/<int:pk>/stages/", projects.end_stage, name="end-stage"),
    path("packs/<int:pk>/", packs.pack_page, name="pack"),
    path("packs/<int:pk>/sign/", packs.sign, name="sign"),
    path("packs/<int:pk>/conditions/", packs.conditions, name="conditions"),
    path("packs/<int:pk>/round/", packs.next_round, name="next-round"),
    path("packs/<int:pk>/people/", packs.people, name="people"),
    path("packs/<int:pk>/links/", packs.links, name="links"),
    path("packs/<int:pk>/pack.pdf", packs.pack_pdf, name="pack-pdf"),
    path("packs/<int:pk>/pack.xlsx", packs.pack_xlsx, name="pack-xlsx"),
    path("o/<str:token>/", outside, name="outside"),
    *(path(f"packs/<int:pk>/{route}", by_account(view), name=name) for route, view, name in DESK),
    *(path(f"o/<str:token>/{route}", by_link(view), name=f"outside-{name}") for route, view, name in DESK),
    path("library/", library.library, name="library"),
]
