"""What `dossier.json` in a bag must say, so that nothing else is taken in: checked whole before anything is written."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from archives.life_vocabulary import Term, Trigger
from archives.models import Tenure
from archives.vocabulary import Channel, CustomerKind, DocumentKind, Gate, Need, Step

FORMAT = 1
NUL = b"\\u0000"
Count = Annotated[int, Field(ge=0, le=32_767)]
Sequence = Annotated[int, Field(ge=1, le=99_999)]
"""As many as five digits count: a year of an estate never has more, and no bag may carry a counter beyond."""

EARLIEST = date(1980, 1, 1)
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: _plausible(moment, moment.date()))]
Day = Annotated[date, AfterValidator(lambda day: _plausible(day, day))]
Person = Annotated[str, StringConstraints(max_length=150)]
Text = Annotated[str, StringConstraints(max_length=5_000)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Code = Annotated[str, StringConstraints(max_length=60)]


T = TypeVar("T")


def _plausible(value: T, day: date) -> T:
    """Nothing happened before there were such records, or tomorrow."""
    if not EARLIEST <= day <= timezone.localdate() + timedelta(1):
        raise ValueError("not plausible")
    return value


class Said(BaseModel):
    """What a newer version adds is passed over; types are taken as JSON writes them, and no others."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class SaidFormat(Said):
    format: int


class SaidTenure(Said):
    kind: Tenure.Kind
    opened_on: Day
    closed_on: Day | None
    handover_on: date | None
    deed_on: Day | None


class SaidVersion(Said):
    number: Annotated[int, Field(ge=1, le=32_767)]
    changed: list[str]
    made_at: Moment
    made_by: Person
    values: dict[str, str | list[str]]


class SaidDocument(Said):
    path: str
    kind: DocumentKind
    title: Count
    version: Count
    has_paper: bool
    name: str
    sha256: str
    added_at: Moment
    added_by: Person


class SaidContact(Said):
    on: Day
    channel: Channel
    by: Person
    at: Moment
    text: Text


class SaidStep(Said):
    step: Step
    gate: Gate | Annotated[str, StringConstraints(max_length=0)]
    detail: dict[str, Any]
    at: Moment
    by: Person
    text: Text


class SaidDossier(SaidFormat):
    """The whole description. `series` is where the number was counted, and its place there."""

    number: Number
    need: Need
    channel: Channel
    shelf_mark: Annotated[str, StringConstraints(max_length=40)]
    confirmed_profile: Count
    verified_profile: Count
    retention_term: Term
    retention_trigger: Trigger
    estate: Code
    unit: Code
    record_date: Day
    filed_at: Moment | None
    template: int | None
    customer_kind: CustomerKind
    series: tuple[Code, Sequence]
    tenure: SaidTenure | None
    versions: Annotated[list[SaidVersion], Field(min_length=1)]
    documents: list[SaidDocument]
    contacts: list[SaidContact]
    steps: list[SaidStep]


class DescriptionError(ValueError):
    """The description cannot be used; the message says where it is wrong, never what stands there."""


def wrong_at(where: str) -> str:
    return _("dossier.json 里的 %(where)s 缺失或不对，没有导入。") % {"where": where}


def read_description(content: bytes) -> SaidDossier:
    """Raises DescriptionError."""
    try:
        if SaidFormat.model_validate_json(content).format != FORMAT:
            raise DescriptionError(_("这个包的格式比本系统新，请先升级。"))
        said = SaidDossier.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"])) or "JSON"
        raise DescriptionError(wrong_at(where)) from None
    numbers = [version.number for version in said.versions]
    if NUL in content or numbers != sorted(set(numbers)):
        raise DescriptionError(wrong_at("versions"))
    return said
