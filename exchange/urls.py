from __future__ import annotations

from django.urls import path

from exchange import views

app_name = "exchange"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("new/<slug:kind>/", views.send_in, name="send-in"),
    path("new/<slug:kind>/blank/", views.blank, name="blank"),
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/problems/", views.problems, name="problems"),
]
