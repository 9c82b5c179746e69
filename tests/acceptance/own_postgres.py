"""A PostgreSQL of its own for one test, to be stopped and started; it runs as an ordinary user, as it insists on."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.post_office import free_port

OPTIONS = "-c listen_addresses=127.0.0.1 -c fsync=off"


@dataclass(frozen=True)
class OwnPostgres:
    binaries: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgres://anjuan@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", self._data, "-U", "anjuan", "--auth=trust", "--encoding=UTF8", "--locale=C", "-N")

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} {OPTIONS}"
        self._run("pg_ctl", "-D", self._data, "-l", str(self.folder / "log"), "-w", "-o", options, "start")

    def stop(self, mode: str) -> None:
        """`fast`: connections are ended; `immediate`: as if it had crashed."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def restart(self, mode: str) -> None:
        self._run("pg_ctl", "-D", self._data, "-l", str(self.folder / "log"), "-m", mode, "-w", "restart")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*as_user, str(self.binaries / program), *arguments]
        quiet = subprocess.DEVNULL  # the server inherits it: a pipe would never end
        done = subprocess.run(command, cwd=self.folder, stdout=quiet, stderr=quiet, check=False)  # noqa: S603
        assert done.returncode == 0, (command, self._last_words())

    def _last_words(self) -> str:
        log = self.folder / "log"
        return log.read_text("utf-8", "replace")[-2000:] if log.exists() else ""


@pytest.fixture
def own_postgres() -> Iterator[OwnPostgres]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL: run `make services`")
    folder = Path(tempfile.mkdtemp(prefix="anjuan-postgres-"))
    server = OwnPostgres(found[-1].parent, folder, free_port())
    server.make()
    server.start()
    yield server
    server.stop("immediate")
    shutil.rmtree(folder, ignore_errors=True)
