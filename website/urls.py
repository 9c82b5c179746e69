"""The public website. `wagtail_serve` is Wagtail's name for the route that its pages' addresses are made from."""

from django.urls import path, re_path

from website import views

urlpatterns = [
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("favicon.ico", views.icon, name="icon"),
    path("robots.txt", views.robots, name="robots"),
    path("website/review/<int:pk>/", views.review, name="website-review"),
    path("website/review/<int:pk>/page/", views.reviewed_version, name="website-version"),
    path("site/search/", views.site_search, name="site-search"),
    re_path(r"^site/((?:[\w\-]+/)*)$", views.page, name="wagtail_serve"),
]
