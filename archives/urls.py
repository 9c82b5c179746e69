from __future__ import annotations

from django.urls import path

from archives.views import (
    changing,
    documents,
    dossiers,
    duplicates,
    entering,
    finding,
    gaps,
    handovers,
    lending,
    registers,
    templating,
)

app_name = "archives"
urlpatterns = [
    path("", finding.find, name="find"),
    path("new/", dossiers.start, name="start"),
    path("gaps/", gaps.gaps, name="gaps"),
    path("changes/<int:pk>/", changing.change, name="change"),
    path("changes/<int:pk>/receipt/", changing.receipt, name="change-receipt"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/<int:pk>/", duplicates.duplicate, name="duplicate"),
    path("handovers/", handovers.handovers, name="handovers"),
    path("handovers/<int:pk>/", handovers.handover, name="handover"),
    path("loans/", lending.loans, name="loans"),
    path("loans/<int:pk>/", lending.decide, name="loan"),
    path("papers/", lending.stock_take, name="papers"),
    path("papers/export/", lending.export_papers, name="export-papers"),
    path("papers/<int:pk>/", lending.check, name="check-paper"),
    path("register/", registers.register, name="register"),
    path("templates/", templating.templates, name="templates"),
    path("templates/<int:pk>/", templating.template, name="template"),
    path("d/<slug:key>/", dossiers.dossier, name="dossier"),
    path("d/<slug:key>/act/", dossiers.act, name="act"),
    path("d/<slug:key>/change/", changing.ask, name="ask-change"),
    path("d/<slug:key>/unmerge/", duplicates.undo, name="unmerge"),
    path("d/<slug:key>/deed/", handovers.deed, name="deed"),
    path("d/<slug:key>/enter/", entering.enter, name="enter"),
    path("d/<slug:key>/reveal/", dossiers.reveal, name="reveal"),
    path("d/<slug:key>/readers/", registers.readers, name="readers"),
    path("d/<slug:key>/loan/", lending.ask, name="ask-loan"),
    path("d/<slug:key>/documents/", documents.add, name="add-document"),
    path("d/<slug:key>/documents/<int:pk>/", documents.show, name="document"),
]
