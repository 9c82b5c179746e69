"""Accounts in the Wagtail admin: shut rather than deleted, first passwords changed by their owners."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column
from wagtail.users.views.users import CreateView, DeleteView, EditView, IndexView, UserViewSet

from cms.accounts.records import in_words, records_of
from cms.accounts.services import deactivate
from estates.models import User
from estates.requests import person


class StaffIndexView(IndexView):
    @cached_property
    def columns(self) -> list[Column]:
        return [one for one in super().columns if not isinstance(one, BulkActionsCheckboxColumn)]


class StaffCreateView(CreateView):
    def save_instance(self) -> User:
        """A password that somebody else chose is changed at the first sign-in."""
        made: User = super().save_instance()
        return _with_given_password(made)


class StaffEditView(EditView):
    def save_instance(self) -> User:
        was_active = User.objects.values_list("is_active", flat=True).get(pk=self.object.pk)
        saved: User = super().save_instance()
        by = person(self.request)
        if "password1" in self.form.changed_data and saved.pk != by.pk:
            saved = _with_given_password(saved)
        if was_active and not saved.is_active:
            deactivate(user=saved, by=by)
        return saved


def _with_given_password(user: User) -> User:
    user.must_change_password = True
    user.save(update_fields=["must_change_password"])
    return user


class StaffDeleteView(DeleteView):
    """Deletes an account that did nothing; any other is shut instead."""

    @cached_property
    def records(self) -> list[tuple[str, int]]:
        return records_of(self.object)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context: dict[str, object] = super().get_context_data(**kwargs)
        return context | {"records": in_words(self.records), "account": self.object}

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "deactivate" in request.POST:
            freed = deactivate(user=self.object, by=person(request))
            told = _("%(who)s 的账号已停用，登录和没用过的链接已结束，锁定的 %(n)d 页已解锁。")
            messages.success(request, told % {"who": self.object, "n": freed})
            return redirect(reverse("wagtailusers_users:index"))
        if self.records:
            return self.render_to_response(self.get_context_data(), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


class StaffUserViewSet(UserViewSet):
    index_view_class = StaffIndexView
    add_view_class = StaffCreateView
    edit_view_class = StaffEditView
    delete_view_class = StaffDeleteView
    copy_view_enabled = False
