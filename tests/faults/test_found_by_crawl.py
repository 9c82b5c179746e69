"""What the walk through every page found beside the list of faults."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from archives.models import GateRule
from archives.template import gate_rules
from archives.vocabulary import RuleKind
from tests.archives.conftest import Archive
from tests.conftest import World


def test_a_rule_that_asks_for_a_document_names_its_kind(archive: Archive) -> None:
    """Without it every open dossier and the list of gaps answered 500."""
    rule = next(rule for rule in gate_rules() if rule.kind == RuleKind.DOCUMENT)
    rule.document_kind = ""
    with pytest.raises(ValidationError, match="请选择文件种类"):
        rule.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        rule.save()
    assert GateRule.objects.filter(kind=RuleKind.DOCUMENT, document_kind="").count() == 0


@pytest.mark.parametrize(("who", "offered"), [("designer", False), ("editor", True)])
def test_the_loans_page_offers_looking_people_up_to_those_who_may(
    world: World, archive: Archive, who: str, offered: bool
) -> None:
    client = Client()
    client.force_login(getattr(world, who))
    page = client.get("/archive/loans/")
    assert page.status_code == 200
    assert ('href="/archive/"' in page.content.decode().partition("<main")[2]) is offered
