from django.urls import path

from service import views

app_name = "service"
urlpatterns = [
    path("", views.records, name="records"),
    path("milestones/new/", views.milestone, name="new-milestone"),
    path("milestones/<int:pk>/", views.milestone, name="milestone"),
    path("activities/new/", views.activity, name="new-activity"),
    path("activities/<int:pk>/", views.activity, name="activity"),
]
