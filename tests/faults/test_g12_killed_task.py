"""A worker that is killed leaves no task behind as running for ever."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.faults.small_site import SmallSite, small_site, wait_until

WORKER = ("db_worker", "--queue-name", "*", "--no-startup-delay")


@pytest.fixture
def site(django_db_setup: None, django_db_blocker: object, tmp_path: Path) -> SmallSite:
    return small_site(tmp_path / "var", TASK_LEASE_SECONDS="6")


def told(site: SmallSite) -> tuple[object, ...]:
    columns = "status, return_value, exception_class_path"
    [row] = site.rows(f"SELECT {columns} FROM django_tasks_database_dbtaskresult WHERE task_path LIKE '%napping%'")
    return row


def enqueue(site: SmallSite, name: str, marker: Path) -> None:
    code = f"from tests.faults.napping import {name}; {name}.enqueue({str(marker)!r})"
    site.manage("shell", "-v0", "-c", code)


def test_g12_a_task_whose_worker_was_killed_is_taken_up_again(site: SmallSite, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    enqueue(site, "nap_once", marker)
    with site.running(*WORKER) as first:
        wait_until(marker.exists, lambda: site.log)
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert told(site)[0] == "RUNNING"
    with site.running(*WORKER):
        wait_until(lambda: told(site)[0] not in ("RUNNING", "READY"), lambda: f"{told(site)} {site.log[-3000:]}")
    assert told(site) == ("SUCCESSFUL", '"taken up again"', "")


def test_g12_a_task_that_kills_each_worker_fails_where_a_person_sees_it(site: SmallSite, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    enqueue(site, "nap_always", marker)
    for starts in ("x", "xx", "xxx"):
        with site.running(*WORKER):
            wait_until(lambda so_far=starts: marker.exists() and marker.read_text() == so_far, lambda: site.log)  # type: ignore[misc]
    with site.running(*WORKER):
        wait_until(lambda: told(site)[0] == "FAILED", lambda: f"{told(site)} {site.log[-3000:]}")
    assert told(site) == ("FAILED", None, "operations.recovering.WorkerDied")
    assert marker.read_text() == "xxx"
