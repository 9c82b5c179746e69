from django.urls import path

from magazine.views import digests, making, reading, sending, subscribers, subscribing

app_name = "magazine"
urlpatterns = [
    path("", making.issues, name="issues"),
    path("new/", making.new_issue, name="new"),
    path("issue/<int:pk>/", making.issue, name="issue"),
    path("issue/<int:pk>/pull/", making.pull, name="pull"),
    path("issue/<int:pk>/links/", making.links, name="links"),
    path("issue/<int:pk>/test/", making.test_send, name="test"),
    path("issue/<int:pk>/prepare/", making.prepare, name="prepare"),
    path("issue/<int:pk>/paper/<slug:kind>/", making.draft_paper, name="paper"),
    path("mailing/<int:pk>/", sending.mailing, name="mailing"),
    path("mailing/<int:pk>/progress/", sending.progress, name="progress"),
    path("mailing/<int:pk>/mail/", sending.frozen, name="frozen"),
    path("mailing/<int:pk>/pdf/", sending.frozen_pdf, name="frozen-pdf"),
    path("mailing/<int:pk>/approve/", sending.approve, name="approve"),
    path("mailing/<int:pk>/<slug:name>/", sending.act, name="act"),
    path("subscribers/", subscribers.subscribers, name="subscribers"),
    path("subscribers/<int:pk>/", subscribers.change_subscriber, name="subscriber"),
    path("digest/", digests.digest_wish, name="digest"),
    path("subscribe/", subscribing.subscribe, name="subscribe"),
    path("confirm/<str:key>/", subscribing.confirm, name="confirm"),
    path("wishes/<str:key>/", subscribing.wishes, name="wishes"),
    path("leave/<str:key>/", subscribing.leave_list, name="leave"),
    path("copy/<str:key>/", reading.copy, name="copy"),
    path("copy/<str:key>/pdf/", reading.copy_pdf, name="copy-pdf"),
    path("pdf/<int:pk>/", reading.issue_pdf, name="issue-pdf"),
    path("feed.rss", reading.feed, name="feed"),
    path("feed.atom", reading.atom, name="atom"),
]
