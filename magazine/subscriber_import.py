"""Readers who said yes elsewhere: a table with, for each, when and by what. Nobody who left is brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from estates.models import Estate
from exchange.importers import Ref, Work, Written
from exchange.tables import Column, Problem, TableError, TableRow, day_in
from magazine import policies
from magazine.addresses import Address, BadAddress, parse_address
from magazine.models import Subscriber, Suppression
from magazine.services.subscribing import address_token, domain_token
from magazine.vocabulary import Source, SubscriberState
from vault.data_keys import destroy_many, make_many
from vault.sealing import seal

if TYPE_CHECKING:
    from estates.access import Person

ADDRESS, CONSENTED, PROOF, ESTATES = "address", "consented_on", "proof", "estates"
LONGEST_PROOF = 200
WORDS = {
    "address": gettext_lazy("%(why)s"),
    "twice": gettext_lazy("和第 %(row)d 行是同一个邮箱"),
    "left": gettext_lazy("这个邮箱已退订、退信或投诉，不能导入；要再订，请本人在网站登记"),
    "day_missing": gettext_lazy("没有写同意日期"),
    "day": gettext_lazy("不是日期，请写成 2026-11-23"),
    "day_future": gettext_lazy("同意日期不能在今天之后"),
    "proof_missing": gettext_lazy("没有写同意的依据，例如登记表编号"),
    "estate": gettext_lazy("没有这个楼盘：%(estate)s"),
    "proof_long": gettext_lazy("依据最多 %(limit)d 个字"),
    "read": gettext_lazy("已给这个订阅人寄过邮件：记录保留，同意已撤回，不再寄"),
    "own": gettext_lazy("这个邮箱的同意是后来另给的，保留"),
}


class SubscriberImporter:
    code = "subscribers"
    is_private = True

    @property
    def title(self) -> str:
        return _("会刊订阅人")

    @property
    def help(self) -> str:
        return _("每行一个邮箱，写明本人哪天、凭什么同意（登记表编号、合同条款）。已退订的不会导入。")

    @property
    def words(self) -> Mapping[str, str]:
        return {code: str(words) for code, words in WORDS.items()}

    def estates(self, user: Person) -> None:
        """The table names them."""

    def may_import(self, user: Person, options: Mapping[str, Any]) -> bool:
        return policies.may_keep_subscribers(user)

    def columns(self, options: Mapping[str, Any]) -> Sequence[Column]:
        return [
            Column(ADDRESS, _("邮箱"), ("邮箱", "邮箱地址", "电子邮箱", "E-mail", "Email"), required=True),
            Column(CONSENTED, _("同意日期"), ("同意日期", "Consented on"), required=True),
            Column(PROOF, _("同意的依据"), ("同意的依据", "依据", "登记表编号", "Proof"), required=True),
            Column(ESTATES, _("楼盘"), ("楼盘", "关心的楼盘", "Estates")),
        ]

    def examine(self, rows: Sequence[TableRow], work: Work) -> list[Problem]:
        seen: dict[str, int] = work.memory.setdefault("seen", {})
        estates = _estates()
        problems: list[Problem] = []
        known: dict[int, str] = {}
        for row in rows:
            try:
                known[row.number] = token = address_token(parse_address(row.cells.get(ADDRESS, "")))
            except BadAddress as error:
                problems.append(Problem(row.number, ADDRESS, "address", {"why": str(error)}))
            else:
                if (earlier := seen.setdefault(token, row.number)) != row.number:
                    problems.append(Problem(row.number, ADDRESS, "twice", {"row": earlier}))
            problems += _consent_problems(row) + _estate_problems(row, estates)
        left = set(Suppression.objects.filter(token__in=known.values()).values_list("token", flat=True))
        return problems + [Problem(number, ADDRESS, "left") for number, token in known.items() if token in left]

    def write(self, rows: Sequence[TableRow], work: Work) -> Written:
        written, estates = Written(), _estates()
        addresses = {row.number: parse_address(row.cells[ADDRESS]) for row in rows}
        tokens = {number: address_token(address) for number, address in addresses.items()}
        there = {one.token: one for one in Subscriber.objects.select_for_update().filter(token__in=tokens.values())}
        left = set(Suppression.objects.filter(token__in=tokens.values()).values_list("token", flat=True))
        fresh: list[tuple[TableRow, Subscriber]] = []
        for row in rows:
            token = tokens[row.number]
            if token in left:
                written.problems.append(Problem(row.number, ADDRESS, "left"))
            elif (found := there.get(token)) and found.state != SubscriberState.PENDING:
                written.known += 1
            elif found:
                before = _standing(found)
                _consent(found, row)
                found.save()
                written.made.append((row.number, {"pk": found.pk, "subject": "", "before": before} | _given(found)))
            else:
                fresh.append((row, Subscriber(token=token, domain=domain_token(addresses[row.number]))))
        _write_new(fresh, addresses, estates)
        written.made += [(row.number, {"pk": one.pk, "subject": one.subject} | _given(one)) for row, one in fresh]
        return written

    def undo(self, made: Sequence[tuple[int, Ref]], work: Work) -> list[tuple[int, str]]:
        """Who was there before is as before; who left meanwhile has left; what the reader gave himself since stays."""
        rows = {int(ref["pk"]): (number, ref) for number, ref in made}
        kept: list[tuple[int, str]] = []
        for one in Subscriber.objects.select_for_update().filter(pk__in=rows).order_by("pk"):
            number, ref = rows[one.pk]
            if one.state == SubscriberState.ACTIVE and _given(one) != {"consent": ref["consent"], "day": ref["day"]}:
                kept.append((number, "own"))
            elif ref.get("before"):
                _give_back(one, ref["before"])
            elif one.deliveries.exists():
                _give_back(one, NO_CONSENT)
                kept.append((number, "read"))
            else:
                one.delete()
        return kept

    def forget(self, made: Sequence[tuple[int, Ref]]) -> None:
        """The keys of those that are gone."""
        destroy_many([ref["subject"] for _number, ref in made if ref["subject"]])


def _standing(one: Subscriber) -> dict[str, str | None]:
    """What an import changes of a reader who is there, as plain JSON."""
    day = one.consented_at.astimezone(UTC).isoformat() if one.consented_at else None
    return {"state": one.state, "source": one.source, "consent": one.consent, "consented_at": day}


NO_CONSENT = {
    "state": SubscriberState.STOPPED.value,
    "source": Source.IMPORT.value,
    "consent": "",
    "consented_at": None,
}


def _given(one: Subscriber) -> dict[str, str | None]:
    """The consent as the import gave it; another one since then is the reader's own."""
    return {"consent": one.consent, "day": _standing(one)["consented_at"]}


def _give_back(one: Subscriber, before: Mapping[str, str | None]) -> None:
    """Consent and proof as before; who left or was stopped meanwhile stays so."""
    if one.state == SubscriberState.ACTIVE:
        one.state = before["state"] or SubscriberState.PENDING
    day = before["consented_at"]
    one.source, one.consent = before["source"] or Source.WEB, before["consent"] or ""
    one.consented_at = datetime.fromisoformat(day) if day else None
    one.save(update_fields=["state", "source", "consent", "consented_at"])


def _estates() -> dict[str, Estate]:
    """By name and by code."""
    rows = list(Estate.objects.all())
    return {one.name: one for one in rows} | {one.code: one for one in rows}


def _named(row: TableRow) -> list[str]:
    written = row.cells.get(ESTATES, "").replace("，", "、").replace(",", "、").replace(";", "、")
    return [name.strip() for name in written.split("、") if name.strip()]


def _estate_problems(row: TableRow, estates: Mapping[str, Estate]) -> list[Problem]:
    unknown = [name for name in _named(row) if name not in estates]
    return [Problem(row.number, ESTATES, "estate", {"estate": unknown[0][:20]})] if unknown else []


def _consent_problems(row: TableRow) -> list[Problem]:
    written, proof = row.cells.get(CONSENTED, ""), row.cells.get(PROOF, "").strip()
    problems = [] if proof else [Problem(row.number, PROOF, "proof_missing")]
    if len(proof) > LONGEST_PROOF:
        problems.append(Problem(row.number, PROOF, "proof_long", {"limit": LONGEST_PROOF}))
    day = day_in(written)
    if not written.strip():
        problems.append(Problem(row.number, CONSENTED, "day_missing"))
    elif day is None:
        problems.append(Problem(row.number, CONSENTED, "day"))
    elif day > timezone.localdate():
        problems.append(Problem(row.number, CONSENTED, "day_future"))
    return problems


def _consent(row: Subscriber, cells: TableRow) -> None:
    """Raises TableError for a day that `examine` would have refused: no consent is dated by guessing."""
    day = day_in(cells.cells[CONSENTED])
    if day is None:
        raise TableError(str(WORDS["day"]))
    row.state, row.source, row.consent = SubscriberState.ACTIVE, Source.IMPORT, cells.cells[PROOF].strip()
    row.consented_at = timezone.make_aware(datetime.combine(day, time.min))


def _write_new(
    fresh: Sequence[tuple[TableRow, Subscriber]], addresses: Mapping[int, Address], estates: Mapping[str, Estate]
) -> None:
    make_many([one.subject for _row, one in fresh])
    for row, one in fresh:
        _consent(one, row)
        one.sealed = seal(one.subject, one.spot, addresses[row.number].spec.encode())
    Subscriber.objects.bulk_create([one for _row, one in fresh])
    links = Subscriber.estates.through
    links.objects.bulk_create(
        [
            links(subscriber_id=one.pk, estate_id=pk)
            for row, one in fresh
            for pk in {estates[name].pk for name in _named(row) if name in estates}
        ]
    )
