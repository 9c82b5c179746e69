"""D11: `rotate_keys` beside processes that run: they read the new key by themselves, and no message could cost data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vault.data_keys import make_key
from vault.sealing import Spot, seal, unseal

ROOT = Path(__file__).parent.parent.parent
SPOT = Spot("archives.ProfileVersion", "7", "content")
COUNT = 1_500
READER = """
import sys, time, json, django
django.setup()
from vault.data_keys import make_key
from vault.sealing import Spot, seal, unseal
spot = Spot("archives.ProfileVersion", "7", "content")
sealed = {s: bytes.fromhex(c) for s, c in json.load(open(sys.argv[1]))}
def look(subjects):
    for subject in subjects:
        assert unseal(subject, spot, sealed[subject]) == subject.encode()
look(sorted(sealed)[:5])
print("ready", flush=True)
round = 0
for line in sys.stdin:
    word = line.strip()
    if word == "end":
        break
    if word == "look":
        look(sorted(sealed))
    if word == "write":
        make_key("new-%d" % round)
        print(seal("new-%d" % round, spot, b"after").hex(), flush=True)
        round += 1
        continue
    print("ok", flush=True)
"""


@pytest.fixture
def sealed(keys: Path, tmp_path: Path) -> Path:
    told = []
    for n in range(COUNT):
        make_key(f"s{n:05}")
        told.append((f"s{n:05}", seal(f"s{n:05}", SPOT, f"s{n:05}".encode()).hex()))
    (tmp_path / "sealed.json").write_text(json.dumps(told))
    return tmp_path / "sealed.json"


def environment(keys: Path, tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "ANJUAN_KEYS": str(keys),
        "DJANGO_SETTINGS_MODULE": "cms.settings.development",
        "ANJUAN_VAR": str(tmp_path / "var"),
    }


@pytest.mark.django_db
def test_d11_a_running_process_reads_on_while_the_master_key_is_rotated(
    keys: Path, sealed: Path, tmp_path: Path
) -> None:
    given = environment(keys, tmp_path)
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", READER, str(sealed)],
        env=given,
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"

        def ask(word: str) -> str:
            assert reader.stdin is not None
            assert reader.stdout is not None
            reader.stdin.write(f"{word}\n")
            reader.stdin.flush()
            return reader.stdout.readline().strip() or (reader.stderr.read()[-800:] if reader.stderr else "")

        rotating = subprocess.Popen(
            [sys.executable, "manage.py", "rotate_keys"], env=given, cwd=ROOT, stderr=subprocess.PIPE
        )
        rounds = 0
        while rotating.poll() is None:
            assert ask("look") == "ok"
            rounds += 1
            time.sleep(0.02)
        assert rotating.returncode == 0, rotating.stderr.read() if rotating.stderr else ""
        assert rounds > 0
        assert ask("look") == "ok"
        written = bytes.fromhex(ask("write"))
        ask("end")
    assert unseal("new-0", SPOT, written) == b"after"
