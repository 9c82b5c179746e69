"""Four gates before a dossier is filed (四不放过): what is missing, for whom, how to close it. Rules are data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from archives.items import DOUBTS
from archives.template import gate_rules, items_for, known_items, template_of
from archives.vocabulary import DocumentKind, Gate, RuleKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from archives.models import DossierPage, GateRule, TemplateItem


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that keeps a dossier from being filed. `field` is an item's code or a document's kind."""

    rule: GateRule
    what: str
    field: str = ""

    @property
    def gate(self) -> str:
        return self.rule.gate

    @property
    def duty(self) -> str:
        return str(self.rule.get_duty_display())

    @property
    def fix(self) -> str:
        return self.rule.fix_words


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules ask about; read once for a dossier."""

    dossier: DossierPage
    items: list[TemplateItem]
    documents: Collection[str]


def find_gaps(dossier: DossierPage, *, rules: list[GateRule] | None = None) -> list[Gap]:
    """Everything that the four gates still ask, in their order; what was let through by an override is left out."""
    granted = set(dossier.overrides.filter(is_granted=True).values_list("rule", flat=True))
    facts = Facts(
        dossier,
        items_for(template_of(dossier), dossier.estate),
        set(dossier.documents.values_list("kind", flat=True)),
    )
    return gaps_in(facts, [rule for rule in (rules or gate_rules()) if rule.pk not in granted])


def gaps_in(facts: Facts, rules: list[GateRule]) -> list[Gap]:
    """What the rules ask of a dossier of which everything is known; no query."""
    asked = [rule for rule in rules if applies(rule, facts.dossier)]
    order = {gate: place for place, gate in enumerate(Gate)}
    asked.sort(key=lambda rule: (order[Gate(rule.gate)], rule.sort_order, rule.pk))
    return [Gap(rule, what, field) for rule in asked for field, what in MISSING[RuleKind(rule.kind)](rule, facts)]


def applies(rule: GateRule, dossier: DossierPage) -> bool:
    return (
        rule.is_active
        and rule.customer_kind in ("", dossier.customer.kind)
        and rule.need in ("", dossier.need)
        and rule.estate_id in (None, dossier.estate_id)
    )


def count_gaps(dossier: DossierPage) -> int:
    """Count the gaps and keep the number in the row, for lists."""
    dossier.open_gaps = len(find_gaps(dossier))
    type(dossier).objects.filter(pk=dossier.pk).update(open_gaps=dossier.open_gaps)
    return dossier.open_gaps


Missing = Iterator[tuple[str, str]]


def _items_filled(rule: GateRule, facts: Facts) -> Missing:
    for item in facts.items:
        if item.required and item.code not in facts.dossier.customer.filled:
            yield item.code, _("%(item)s还没有填写") % {"item": item.words}


def _items_clear(rule: GateRule, facts: Facts) -> Missing:
    unclear = facts.dossier.customer.unclear
    if not unclear:
        return
    for code, item in known_items().items():
        if code in unclear:
            yield code, _("%(item)s：%(doubt)s") % {"item": item.words, "doubt": DOUBTS[unclear[code]]}


def _unit_known(rule: GateRule, facts: Facts) -> Missing:
    if not facts.dossier.unit.is_registered:
        yield "", _("房号%(unit)s还没有在楼盘资料里核实") % {"unit": facts.dossier.unit}


def _document(rule: GateRule, facts: Facts) -> Missing:
    if rule.document_kind not in facts.documents:
        yield rule.document_kind, _("缺少%(document)s") % {"document": DocumentKind(rule.document_kind).label}


def _confirmed(rule: GateRule, facts: Facts) -> Missing:
    dossier = facts.dossier
    if not dossier.confirmed_profile:
        yield "", _("还没有客户确认的记录")
    elif dossier.confirmed_profile != dossier.customer.latest:
        yield "", _("客户确认之后资料又改过，需要再确认一次")


def _verified(rule: GateRule, facts: Facts) -> Missing:
    dossier = facts.dossier
    if not dossier.verified_profile or dossier.verified_profile != dossier.customer.latest:
        yield "", _("档案管理员还没有核对现在的内容")


MISSING = {
    RuleKind.ITEMS_FILLED: _items_filled,
    RuleKind.ITEMS_CLEAR: _items_clear,
    RuleKind.UNIT_KNOWN: _unit_known,
    RuleKind.DOCUMENT: _document,
    RuleKind.CONFIRMED: _confirmed,
    RuleKind.VERIFIED: _verified,
}
