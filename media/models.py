from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from math import ceil, floor
from pathlib import PurePosixPath
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition, Filter

from estates.filing_plan import FilePlace
from estates.models import Estate
from media.querysets import PhotoQuerySet, PublicPhotoQuerySet

RENDITIONS = "renditions"
LONGEST_PATH = 255
SIZES = {"thumb": "fill-160x160", "card": "fill-480x360", "page": "max-1600x1600"}
"""The renditions made of every photo, by what they are for."""

ADMIN_SIZE = "max-165x165"
"""The one that Wagtail's comparison of versions asks for, made when it does."""


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """All that a page needs to show a photo in one of the sizes; pixels as the browser gets them."""

    url: str
    width: int
    height: int


class Photo(AbstractImage):
    """A photo of a record. `file` holds the bytes as they came and is never served; `copy` is what is shown.

    `record_kind` and `record_id` name the record it belongs to; empty until a record takes it.
    """

    file = models.ImageField(_("原件"), max_length=LONGEST_PATH, width_field="width", height_field="height")
    copy = models.FileField(_("服务副本"), max_length=LONGEST_PATH)
    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    sha256 = models.CharField(max_length=64, db_index=True, editable=False)
    original_name = models.CharField(_("原文件名"), max_length=255, blank=True)
    captured_at = models.DateTimeField(_("拍摄时间"), null=True, blank=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="+", verbose_name=_("楼盘"))
    unit_code = models.CharField(max_length=16, blank=True)
    kind = models.CharField(max_length=8)
    day = models.DateField()
    record_kind = models.CharField(max_length=20, blank=True)
    record_id = models.PositiveBigIntegerField(null=True, blank=True)

    objects = PhotoQuerySet.as_manager()
    admin_form_fields = ("title",)
    search_fields: list[object] = []
    search_auto_update = False

    class Meta:
        verbose_name = _("照片")
        verbose_name_plural = _("照片")
        indexes = [models.Index(fields=["record_kind", "record_id"], name="photo_record")]
        constraints = [
            models.UniqueConstraint(fields=["uploaded_by_user", "client_id"], name="photo_once_per_upload"),
            models.UniqueConstraint(fields=["file"], name="photo_path_once"),
        ]

    @property
    def place(self) -> FilePlace:
        return FilePlace(self.estate.code, self.unit_code or None, self.kind, self.day)

    @property
    def path(self) -> str:
        return str(self.file.name)

    @property
    def copy_path(self) -> str:
        return str(self.copy.name)

    def open_file(self) -> IO[bytes]:
        """Renditions are made from the served copy: decoded small, turned right, without metadata."""
        return self.copy.storage.open(self.copy_path)

    def generate_rendition_file(
        self,
        filter: Filter,  # noqa: A002  Wagtail's name
        *,
        source: File[bytes] | None = None,
    ) -> File[bytes]:
        made = super().generate_rendition_file(filter, source=source or File(self.open_file(), self.copy_path))
        made.name = rendition_path(self.path, filter.spec)
        return made

    def sized(self, size: str) -> ShownPhoto:
        """The photo in one of the SIZES, told from the row alone: no query, no file opened. The serving view makes
        the rendition if it is not there yet."""
        spec = SIZES[size]
        return ShownPhoto(self.copy.storage.url(rendition_path(self.path, spec)), *shown_pixels(self, spec))

    def rendition(self, size: str) -> AbstractRendition:
        return self.get_rendition(SIZES[size])


class PhotoRendition(AbstractRendition):
    file = models.ImageField(max_length=LONGEST_PATH, width_field="width", height_field="height")
    image = models.ForeignKey(Photo, models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="rendition_once")
        ]
        indexes = [models.Index(fields=["file"], name="rendition_file")]


PUBLIC = "public"
PUBLIC_SIZES = {"small": 640, "mail": 1200, "large": 2400}
"""The longer edge in pixels of what is served of a public photo, by what it is for: lists, mail and pages, print."""


def public_key() -> str:
    return secrets.token_urlsafe(16)


class PublicPhoto(models.Model):
    """A photo for the public: a copy without metadata, blurred where `blurred` says so, once somebody judged it.

    Only what is made of the blurred copy is ever served, and only while the state is PUBLIC. `base` is the copy before
    blurring; a photo of a record has its own, and keeps the right to be taken back: `source` names it. `blurred` are
    boxes (left, top, width, height) in parts of the whole. `proposed` are other boxes, which a second person decides
    on. `estate` says whose photo it is; none: the company's.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待审看")
        PUBLIC = "public", _("已公开")
        WITHDRAWN = "withdrawn", _("已撤下")

    key = models.CharField(max_length=22, unique=True, default=public_key, editable=False)
    title = models.CharField(_("照片名"), max_length=120)
    alternative = models.CharField(_("替代文字"), max_length=200)
    source = models.ForeignKey(
        Photo, models.SET_NULL, null=True, blank=True, related_name="public_copies", verbose_name=_("来源照片")
    )
    base = models.FileField(_("未模糊的底图"), max_length=LONGEST_PATH, blank=True)
    blurred = models.JSONField(_("模糊的区域"), default=list)
    width = models.PositiveIntegerField(_("宽（像素）"))
    height = models.PositiveIntegerField(_("高（像素）"))
    revision = models.PositiveIntegerField(default=1)
    digests = models.JSONField(default=dict)
    """SHA-256 of every stored file, by its path."""
    base_sha256 = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    state = models.CharField(_("公开状态"), max_length=10, choices=State, default=State.WAITING)
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("所属楼盘")
    )
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("审看人")
    )
    judged_at = models.DateTimeField(_("审看时间"), null=True)
    proposed = models.JSONField(null=True, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("改模糊的人")
    )
    proposed_at = models.DateTimeField(_("改模糊的时间"), null=True)
    made_at = models.DateTimeField(_("加入时间"), auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("加入人"))

    objects = PublicPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("公开照片")
        verbose_name_plural = _("公开照片")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def is_served(self) -> bool:
        return self.state == self.State.PUBLIC

    @property
    def place_id(self) -> int | None:
        """The estate whose people decide: of the record, as long as there is one."""
        return self.source.estate_id if self.source else self.estate_id

    def path(self, size: str) -> str:
        return f"{PUBLIC}/{self.key[:2]}/{self.key}.{self.revision}.{size}.jpg"

    def sized(self, size: str) -> ShownPhoto:
        """The photo in one of the PUBLIC_SIZES, for a page or a mail."""
        scale = min(PUBLIC_SIZES[size] / max(self.width, self.height), 1)
        url = reverse("public-photo", args=[self.key, self.revision, size])
        return ShownPhoto(url, max(round(self.width * scale), 1), max(round(self.height * scale), 1))


class FiledDocument(AbstractDocument):
    """A document of a record, filed like a photo."""

    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    pages = models.PositiveIntegerField(_("页数"), null=True, blank=True, editable=False)
    """Of a PDF that is shown by pages."""
    record_kind = models.CharField(max_length=20, blank=True)
    record_id = models.PositiveBigIntegerField(null=True, blank=True)

    admin_form_fields = ("title", "file")
    search_fields: list[object] = []
    search_auto_update = False

    class Meta(AbstractDocument.Meta):
        verbose_name = _("文件")
        verbose_name_plural = _("文件")


class FileMove(models.Model):
    """A manifest line: a file got another path. It is written before the old bytes go."""

    moved_at = models.DateTimeField(auto_now_add=True)
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    old_path = models.CharField(max_length=LONGEST_PATH)
    new_path = models.CharField(max_length=LONGEST_PATH)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("文件移动记录")
        verbose_name_plural = _("文件移动记录")

    def __str__(self) -> str:
        return f"{self.old_path} → {self.new_path}"


def rendition_path(original: str, spec: str) -> str:
    """`renditions/YLW/2026-11/YLW_…_00001.fill-160x160.jpg`: the original's path, then what was made of it."""
    stem = PurePosixPath(original).with_suffix("")
    return f"{RENDITIONS}/{stem}.{spec.replace('|', '.')}.jpg"


def original_of_rendition(path: str) -> tuple[str, str]:
    """The other way: the original's path without its extension, and the rendition's spec; empty for other paths."""
    if not path.startswith(f"{RENDITIONS}/"):
        return "", ""
    stem, _dot, spec = path.removeprefix(f"{RENDITIONS}/").removesuffix(".jpg").rpartition(".")
    return stem, spec


def shown_pixels(photo: Photo, spec: str) -> tuple[int, int]:
    """Width and height that Wagtail's `max-…` and `fill-…` operations give a photo without a focal point."""
    method, _dash, box = spec.partition("-")
    width, height = (int(edge) for edge in box.split("x"))
    if method == "max":
        scale = min(width / photo.width, height / photo.height, 1)
        return max(int(photo.width * scale), 1), max(int(photo.height * scale), 1)
    cut_width = min(photo.width, photo.height * width / height)
    cut_height = cut_width * height / width
    return min(width, _whole_pixels(photo.width, cut_width)), min(height, _whole_pixels(photo.height, cut_height))


def _whole_pixels(edge: int, cut: float) -> int:
    """How many pixels a centred cut touches."""
    start = (edge - cut) / 2
    return ceil(start + cut) - floor(start)
