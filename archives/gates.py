"""Four gates before a dossier is filed (四不放过): what is missing, for whom, how to close it. Rules are data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from archives.items import DOUBTS
from archives.models import DossierDocument, DossierPage, DossierStep, GateOverride
from archives.template import gate_rules, items_for, known_items, template_of
from archives.vocabulary import NAME, DocumentKind, Duty, Gate, RuleKind, Step

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from archives.models import GateRule, TemplateItem


RETURNED = "returned"
"""The field of the gap that an unanswered return leaves open."""

NEVER = frozenset({RuleKind.VERIFIED})
"""The archivist's check is never left out, and nobody is filed without a name."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that keeps a dossier from being filed. `field` is an item's code or a document's kind; without a `rule`
    it is asked whatever the rules say."""

    gate: str
    what: str
    duty: str
    fix: str
    field: str = ""
    rule: GateRule | None = None

    @property
    def rule_id(self) -> int:
        """Zero for what is asked without a rule."""
        return self.rule.pk if self.rule else 0

    @property
    def may_be_excepted(self) -> bool:
        return self.rule is not None and self.rule.kind not in NEVER and self.field != NAME


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules ask about; read once for a dossier. `excepted` are rule and field of the exceptions that hold for
    the present version; `returned` is the gate of a return that nobody answered."""

    dossier: DossierPage
    items: list[TemplateItem]
    documents: Collection[str]
    excepted: Collection[tuple[int, str]] = ()
    returned: str = ""


def find_gaps(dossier: DossierPage, *, rules: list[GateRule] | None = None) -> list[Gap]:
    """Everything that the four gates still ask, in their order; what was let through by an exception is left out."""
    return gaps_in(facts_of([dossier])[0], gate_rules() if rules is None else rules)


def find_gaps_of(dossiers: Sequence[DossierPage]) -> list[list[Gap]]:
    """As `find_gaps` for many, in as many queries as for one."""
    rules = gate_rules()
    return [gaps_in(facts, rules) for facts in facts_of(dossiers)]


def facts_of(dossiers: Sequence[DossierPage]) -> list[Facts]:
    documents, excepted = _documents_of(dossiers), _exceptions_of(dossiers)
    returned = unanswered_returns(dossiers)
    items = Items()
    return [
        Facts(one, items.of(one), documents[one.pk], excepted[one.pk], returned.get(one.pk, "")) for one in dossiers
    ]


class Items:
    """What the template asks, read once for each version and estate."""

    def __init__(self) -> None:
        self._asked: dict[tuple[int | None, int], list[TemplateItem]] = {}

    def of(self, dossier: DossierPage) -> list[TemplateItem]:
        key = (dossier.template_id, dossier.estate_id)
        if key not in self._asked:
            self._asked[key] = items_for(template_of(dossier), dossier.estate)
        return self._asked[key]


def _documents_of(dossiers: Sequence[DossierPage]) -> dict[int, set[str]]:
    kinds: dict[int, set[str]] = {dossier.pk: set() for dossier in dossiers}
    rows = DossierDocument.objects.filter(dossier__in=list(kinds)).order_by().values_list("dossier", "kind").distinct()
    for dossier, kind in rows:
        kinds[dossier].add(kind)
    return kinds


def _exceptions_of(dossiers: Sequence[DossierPage]) -> dict[int, set[tuple[int, str]]]:
    """An exception holds for the version that it was asked for, and lapses with the next."""
    found: dict[int, set[tuple[int, str]]] = {dossier.pk: set() for dossier in dossiers}
    latest = {dossier.pk: dossier.customer.latest for dossier in dossiers}
    rows = GateOverride.objects.filter(dossier__in=list(found), is_granted=True)
    for dossier, rule, field, version in rows.values_list("dossier", "rule", "field", "version"):
        if version == latest[dossier]:
            found[dossier].add((rule, field))
    return found


ANSWERS = {
    Gate.CLEAR: {Step.ENTERED, Step.CLASSIFIED},
    Gate.COMPLETE: {Step.DOCUMENT},
    Gate.CONFIRMED: {Step.CONFIRMED},
    Gate.ENTERED: {Step.ENTERED, Step.CLASSIFIED, Step.DOCUMENT},
}
"""What answers a return at the gate, besides words: a change of what the gate looks at."""


def unanswered_returns(dossiers: Sequence[DossierPage]) -> dict[int, str]:
    """The gate of the last return of each dossier that was neither answered nor followed by a change."""
    steps = DossierStep.objects.filter(dossier__in=[dossier.pk for dossier in dossiers]).order_by("pk")
    returns = {dossier: (pk, gate) for dossier, pk, gate in steps.filter(step=Step.RETURNED).values_list(*RETURN)}
    if not returns:
        return {}
    later = steps.filter(dossier__in=list(returns), step__in={Step.RETURN_ANSWERED}.union(*ANSWERS.values()))
    answered = {
        dossier
        for dossier, pk, step in later.values_list("dossier", "pk", "step")
        if pk > returns[dossier][0] and step in {Step.RETURN_ANSWERED, *ANSWERS[Gate(returns[dossier][1])]}
    }
    return {dossier: gate for dossier, (_pk, gate) in returns.items() if dossier not in answered}


RETURN = ("dossier", "pk", "gate")


def gaps_in(facts: Facts, rules: list[GateRule]) -> list[Gap]:
    """What is asked of a dossier of which everything is known; no query."""
    order = {gate: place for place, gate in enumerate(Gate)}
    asked = [rule for rule in rules if applies(rule, facts.dossier)]
    asked.sort(key=lambda rule: (rule.sort_order, rule.pk))
    found = [
        Gap(rule.gate, what, str(rule.get_duty_display()), rule.fix_words, field, rule)
        for rule in asked
        for field, what in MISSING[RuleKind(rule.kind)](rule, facts)
        if (rule.pk, field) not in facts.excepted
    ]
    return sorted([*_always(facts, found), *found], key=lambda gap: order[Gate(gap.gate)])


def _always(facts: Facts, found: list[Gap]) -> Iterator[Gap]:
    """What no rule, switched off or not, leaves out: the answer to a return, a name, the archivist's check."""
    if facts.returned:
        what = _("退回的原因还没有答复")
        yield Gap(facts.returned, what, str(Duty.ENTERER.label), _("按原因修改，或写明答复"), RETURNED)
    if NAME not in facts.dossier.customer.filled and not any(gap.field == NAME for gap in found):
        what = _("姓名或企业名称还没有填写")
        yield Gap(Gate.CLEAR, what, str(Duty.ENTERER.label), _("在客户资料里补填"), NAME)
    if not any(gap.rule and gap.rule.kind == RuleKind.VERIFIED for gap in found):
        for _field, what in _verified(None, facts):
            yield Gap(Gate.ENTERED, what, str(Duty.ARCHIVIST.label), _("由没有参与录入的档案管理员核对"))


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
    DossierPage.objects.filter(pk=dossier.pk).update(open_gaps=dossier.open_gaps)
    return dossier.open_gaps


def count_gaps_of(dossiers: Sequence[DossierPage]) -> None:
    """As `count_gaps` for many."""
    for dossier, gaps in zip(dossiers, find_gaps_of(dossiers), strict=True):
        dossier.open_gaps = len(gaps)
    DossierPage.objects.bulk_update(dossiers, ["open_gaps"])


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


def _verified(rule: GateRule | None, facts: Facts) -> Missing:
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
