from django.urls import path

from estates import views

app_name = "estates"
urlpatterns = [path("units/", views.unit_suggestions, name="units")]
