"""Every line of another system becomes a case or is said, and the exit status tells."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from casebook.models import CasePage
from casebook.services.importing import import_cases
from estates.models import Estate
from tests.conftest import World


def run(file: Path) -> tuple[str, str]:
    out, errors = io.StringIO(), io.StringIO()
    call_command("import_cases", str(file), stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def inputs(test_data: Path, name: str) -> Path:
    return test_data / "faults" / "inputs" / name


def test_c9_line_separators_within_a_text_end_no_line(world: World, test_data: Path) -> None:
    out, _errors = run(inputs(test_data, "import_line_separators.jsonl"))
    assert "新建 3，" in out
    texts = CasePage.objects.order_by("source_id").values_list("description", flat=True)
    assert [" ".join(text.split()) for text in texts] == ["a b 漏水"] * 3


def test_c9_a_byte_order_mark_costs_no_line(world: World, test_data: Path) -> None:
    out, _errors = run(inputs(test_data, "import_bom.jsonl"))
    assert ("新建 2，" in out, CasePage.objects.filter(source_id="bom1").exists()) == (True, True)


def test_c9_the_same_id_with_another_text_is_said_and_is_a_failure(world: World, test_data: Path) -> None:
    errors = io.StringIO()
    with pytest.raises(CommandError, match="1 行没有导入") as failed:
        call_command("import_cases", str(inputs(test_data, "import_same_id.jsonl")), stderr=errors)
    assert failed.value.returncode == 1
    assert "第 2 行：id 和第 1 行一样，内容不同" in errors.getvalue()
    assert CasePage.objects.get().description == "第一个 卧室漏水"


def test_c9_an_estate_has_the_name_that_any_line_gives(world: World, test_data: Path) -> None:
    run(inputs(test_data, "import_estate_named_first.jsonl"))
    assert Estate.objects.get(code="NF1").name == "南枫一号院"


def test_c9_a_name_that_comes_in_a_later_file_replaces_the_code(world: World) -> None:
    row = {"time": "2026-11-01", "title": "a", "text": "厨房漏水", "estate": "NF1"}
    import_cases([json.dumps(row | {"id": "1"})])
    assert Estate.objects.get(code="NF1").name == "NF1"
    import_cases([json.dumps(row | {"id": "2", "estate_name": "南枫一号院"})])
    assert Estate.objects.get(code="NF1").name == "南枫一号院"
    import_cases([json.dumps(row | {"id": "3", "estate_name": "别的名字"})])
    assert Estate.objects.get(code="NF1").name == "南枫一号院"


def test_c9_lines_that_cannot_be_used_are_named_and_none_is_dropped(world: World, tmp_path: Path) -> None:
    row = {"id": "1", "time": "2026-11-01", "title": "a", "text": "厨房漏水", "estate": "YLW"}
    twice = json.dumps(row | {"id": "2"})[:-1] + ', "text": "另一段"}'
    lines = [
        json.dumps(row),
        twice,
        "[" * 100_000,
        json.dumps(row | {"id": "3", "estate": "NEW", "estate_name": "长" * 61}),
    ]
    report = import_cases(lines)
    assert [error[6:7] for error in report.errors] == ["同", "不", "e"]
    assert (report.filed, CasePage.objects.count(), Estate.objects.filter(code="NEW").exists()) == (1, 1, False)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_c9_lines_end_as_any_system_ends_them(world: World, tmp_path: Path, end: str) -> None:
    row = {"time": "2026-11-01", "title": "a", "text": "厨房漏水", "estate": "YLW"}
    file = tmp_path / "x.jsonl"
    file.write_bytes(end.join(json.dumps(row | {"id": str(n)}) for n in range(3)).encode())
    assert "新建 3，" in run(file)[0]
