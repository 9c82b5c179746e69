"""G5: an act that fails after its lease went to another ends no tick."""

from __future__ import annotations

from uuid import UUID

import pytest

from running import acts as registry
from running.acts import Act, Every, register_act
from running.models import PeriodicAct
from running.ticking import Ended, run_due

ANOTHER = UUID(int=7)


def test_g5_the_acts_after_it_are_run(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_acts", {})
    ran: list[str] = []

    def slow() -> None:
        PeriodicAct.objects.filter(pk="slow").update(holder=ANOTHER)
        raise ValueError

    register_act(Act("slow", "s", slow, Every(10)))
    register_act(Act("next", "n", lambda: ran.append("next"), Every(10)))
    assert run_due() == [Ended("slow", "ValueError"), Ended("next")]
    assert ran == ["next"]
    slow_one = PeriodicAct.objects.get(pk="slow")
    assert (slow_one.holder, slow_one.failures, slow_one.trouble) == (ANOTHER, 0, "")
