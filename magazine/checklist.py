"""What is looked at before an issue may be sent. A check that blocks must be mended first; the others are for a
person to judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from estates.unit_codes import find_units
from magazine.content import Content
from magazine.previews import mail_problems_of
from magazine.rendering.paper import glyphs_missing_in, photos_too_small
from text.numbers import is_office_number
from vault.personal_data import Kind, find_personal_data


@dataclass(frozen=True, slots=True)
class Check:
    """`problems` name their places; none is good."""

    name: str
    problems: tuple[str, ...]
    blocks: bool

    @property
    def is_good(self) -> bool:
        return not self.problems


def checklist(content: Content) -> list[Check]:
    """Every check of an issue that this machine can make, the blocking ones first."""
    return [
        *blocking_checks(content),
        Check(_("照片够印刷"), tuple(_small_photos(content)), blocks=False),
        Check(_("没有写出房号"), tuple(_units(content)), blocks=False),
    ]


def blocking_checks(content: Content) -> list[Check]:
    """Those that must be good before an issue is frozen; none leaves this machine."""
    return [
        Check(_("有内容"), () if content.sections else (_("这一期还没有栏目"),), blocks=True),
        Check(_("没有个人信息"), tuple(_personal(content)), blocks=True),
        Check(_("照片都审看过"), tuple(_not_public(content)), blocks=True),
        Check(_("字都印得出"), tuple(_glyphs(content)), blocks=True),
        Check(_("邮件都能正常显示，也不会被截断"), tuple(mail_problems_of(content)), blocks=True),
    ]


def _personal(content: Content) -> Iterator[str]:
    for place, text in content.texts:
        for found in find_personal_data(text):
            if not (found.kind == Kind.PHONE and is_office_number(found.text)):
                yield _("%(place)s：像%(kind)s（%(masked)s）") % {
                    "place": place,
                    "kind": found.kind.label,
                    "masked": f"{found.text[:1]}***",
                }


def _not_public(content: Content) -> Iterator[str]:
    for place, photo in content.missing:
        yield _("%(place)s：照片“%(title)s”还没有审看，或已撤下") % {"place": place, "title": photo}


def _glyphs(content: Content) -> Iterator[str]:
    for char, place in glyphs_missing_in(content):
        yield _("%(place)s：印刷字库里没有“%(char)s”") % {"place": place, "char": char}


def _small_photos(content: Content) -> Iterator[str]:
    for place in photos_too_small(content):
        yield _("%(place)s：照片太小，印出来会模糊") % {"place": place}


def _units(content: Content) -> Iterator[str]:
    for place, text in content.texts:
        for unit in find_units(text):
            yield _("%(place)s：写出了房号（%(unit)s）") % {"place": place, "unit": text[unit.start : unit.end]}
