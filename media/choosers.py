"""How the Wagtail admin lets somebody choose among the photos that are public: they are for everybody, so everybody
may. What still waits to be judged is not among them."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView, ChosenMultipleView, ChosenView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser

from media.models import PublicPhoto
from media.querysets import PublicPhotoQuerySet


class _ServedOnly:
    def get_object_list(self) -> PublicPhotoQuerySet:
        return PublicPhoto.objects.served()

    def get_object(self, pk: str) -> PublicPhoto:
        return PublicPhoto.objects.served().get(pk=pk)

    def get_objects(self, pks: Collection[str]) -> PublicPhotoQuerySet:
        return PublicPhoto.objects.served().filter(pk__in=pks)


class ServedChooseView(_ServedOnly, ChooseView):
    """The list, with its frame."""


class ServedResultsView(_ServedOnly, ChooseResultsView):
    """The list alone."""


class ServedChosenView(_ServedOnly, ChosenView):
    """One that was chosen."""


class ServedChosenMultipleView(_ServedOnly, ChosenMultipleView):
    """Several that were chosen."""


class PublicPhotoWidget(BaseChooser):
    """A public photo is judged, not edited, so no link leads to an editor."""

    show_edit_link = False


class PublicPhotoChooserViewSet(ChooserViewSet):
    base_widget_class = PublicPhotoWidget
    choose_view_class = ServedChooseView
    choose_results_view_class = ServedResultsView
    chosen_view_class = ServedChosenView
    chosen_multiple_view_class = ServedChosenMultipleView


public_photo_viewset = PublicPhotoChooserViewSet(
    "public_photo_chooser",
    model="media.PublicPhoto",
    icon="image",
    choose_one_text=_("选择公开照片"),
    choose_another_text=_("换一张"),
    per_page=20,
)
