from django.urls import path

from cms.accounts import views

urlpatterns = [
    path("change/", views.change_password, name="password-change"),
    path("forgotten/", views.forgotten, name="password-forgotten"),
    path("sent/", views.sent, name="password-sent"),
    path("link/<int:pk>/", views.one_time_link, name="password-link"),
    path("new/<uidb64>/<token>/", views.NewPasswordView.as_view(), name="password-new"),
]
