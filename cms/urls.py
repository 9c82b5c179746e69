"""Every address of the site. What is not here is not there: no public API, no image server; pages of the
public website alone are served by Wagtail's route."""

from __future__ import annotations

from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.i18n import set_language
from wagtail.admin import urls as wagtail_admin_urls

from cms import views
from cms.running_state import running_state
from cms.session_end import SignInView
from media import public_views
from media.views import public_photo
from operations import views as operations_views

CLOSED_ADMIN_ROUTES = (
    r"^admin/(?:api/main/(?:images|documents)/|bulk/|images/|documents/|collections/|pages/[0-9]+/privacy/"
    r"|reports/page-types-usage/|failwhale/)"
)

handler500 = "cms.outages.server_error"
urlpatterns = [
    path("", views.home, name="home"),
    path("work/", views.my_work, name="my-work"),
    path("login/", SignInView.as_view(), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("password/", include("cms.accounts.urls")),
    path("admin/login/", login_not_required(RedirectView.as_view(pattern_name="login", query_string=True))),
    path("language/", login_not_required(set_language), name="language"),
    path("sw.js", views.service_worker, name="service-worker"),
    path("search/state/", views.search_state, name="search-state"),
    path("status/", running_state, name="running-state"),
    path("operations/", operations_views.operations, name="operations"),
    path("operations/mail/<int:pk>/", operations_views.settle_mail, name="settle-mail"),
    path("health/", views.health, name="health"),
    path("archive/", include("archives.urls")),
    path("imports/", include("exchange.urls")),
    path("estates/", include("estates.urls")),
    path("media/", include("media.urls")),
    path("public/<str:key>/<int:revision>/<str:size>.jpg", public_photo, name="public-photo"),
    path("public-photos/", public_views.public_photos, name="public-photos"),
    path("public-photos/of/<int:pk>/", public_views.publish_record_photo, name="publish-photo"),
    path("public-photos/<int:pk>/", public_views.blur_photo, name="blur-photo"),
    path("public-photos/<int:pk>/base/", public_views.base_of_photo, name="photo-base"),
    path("public-photos/<int:pk>/proposed/", public_views.proposed_photo, name="photo-proposed"),
    path("public-photos/<int:pk>/decide/", public_views.decide_photo, name="decide-photo"),
    path("public-photos/<int:pk>/withdraw/", public_views.take_photo_back, name="withdraw-photo"),
    path("magazine/", include("magazine.urls")),
    path("service/", include("service.urls")),
    path("admin/reports/page-types-usage/", RedirectView.as_view(pattern_name="wagtailadmin_explore_root")),
    re_path(CLOSED_ADMIN_ROUTES, views.not_here, name="closed"),
    path("admin/", include(wagtail_admin_urls)),
    path("", include("website.urls")),
    path("", include("casebook.urls")),
]
