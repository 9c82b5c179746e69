from django.urls import path

from casebook.views import cases, correcting, exporting, filing, library, photos, projects, searching, words

app_name = "casebook"
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
    path("packs/<int:pk>/", projects.pack_page, name="pack"),
    path("library/", library.library, name="library"),
]
