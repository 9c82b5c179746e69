"""What hostile uploads cost a served site: peak memory of the web process, the worker and the bounded readers.

python -m scripts.bench_bombs
"""

from __future__ import annotations

import io
import os
import sqlite3
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from scripts.bench_site import MANAGE, BenchSite, bench_site
from scripts.bench_slow_phones import Person
from tests.faults.bombs import merged_sheet, shared_strings

FILES, FILE_BYTES = 15, 39 << 20
SIDES = (10_000, 8_000)
PNGS = 4
LOOK_EVERY = 0.02
SECONDS = 300
MARK = "bomb"
ESTATE = "SELECT id FROM estates_estate WHERE code = 'YLW'"


def peak_mb(process: int | str) -> float:
    """VmHWM; 0 for a process that is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0)


def forget_peak(process: int) -> None:
    Path(f"/proc/{process}/clear_refs").write_text("5", "ascii")


@dataclass
class Peaks:
    """Of our processes, and the highest of all bounded readers that they started."""

    web: int
    worker: int
    readers: float = 0
    before: tuple[float, float] = (0, 0)
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[None]:
        for process in (self.web, self.worker):
            forget_peak(process)
        self.readers, self.before = 0, (peak_mb(self.web), peak_mb(self.worker))
        self.over.clear()
        watch = threading.Thread(target=self._watch)
        watch.start()
        try:
            yield
        finally:
            self.over.set()
            watch.join()

    def _watch(self) -> None:
        while not self.over.wait(LOOK_EVERY):
            children = [child for parent in (self.web, self.worker) for child in _children(parent)]
            self.readers = max([self.readers, *map(peak_mb, children)])

    def told(self) -> str:
        ours = (("web", self.web, self.before[0]), ("worker", self.worker, self.before[1]))
        grown = [f"{name} {before:4.0f} +{peak_mb(process) - before:4.0f} MB" for name, process, before in ours]
        return f"{'  '.join(grown)}  reader {self.readers:5.0f} MB"


def _children(parent: int) -> list[str]:
    try:
        return [
            child
            for thread in Path(f"/proc/{parent}/task").iterdir()
            for child in (thread / "children").read_text("ascii").split()
        ]
    except OSError:
        return []


def large_png() -> bytes:
    """80 megapixels of one colour, row by row."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    width, height = SIDES
    packer, row = zlib.compressobj(1), b"\0" + b"\x50\x90\xc0" * width
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def send(person: Person, path: str, fields: dict[str, object], files: list[tuple[str, str, bytes]]) -> int:
    """The status of the answer; 0 when the line was cut."""
    body = io.BytesIO()
    for name, value in {"csrfmiddlewaretoken": person.cookies["csrftoken"], **fields}.items():
        body.write(f'--{MARK}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, called, content in files:
        head = f'--{MARK}\r\nContent-Disposition: form-data; name="{name}"; filename="{called}"\r\n\r\n'
        body.write(head.encode() + content + b"\r\n")
    body.write(f"--{MARK}--\r\n".encode())
    return person.post(path, body.getvalue(), f"multipart/form-data; boundary={MARK}")


@dataclass(frozen=True)
class Attack:
    site: BenchSite
    peaks: Peaks

    def bench(self, name: str, attack: Callable[[], str]) -> None:
        started = time.perf_counter()
        with self.peaks.watched():
            ended = attack()
        print(f"{name:<40}{self.peaks.told()}  {time.perf_counter() - started:5.1f} s  {ended}", flush=True)

    def forbidden_files(self) -> str:
        """To the filing form, by somebody who may not file."""
        files = [("files", f"{n}.jpg", os.urandom(1 << 10) * (FILE_BYTES >> 10)) for n in range(FILES)]
        designer = Person(self.site.address, "designer")
        designer.read("/work/")
        return str(send(designer, "/file/", {}, files))

    def large_photos(self) -> str:
        png, statuses = large_png(), list[int]()
        [(estate,)] = self.rows(ESTATE)
        editors = [Person(self.site.address, "editor") for _ in range(PNGS)]

        def upload(editor: Person) -> None:
            fields: dict[str, object] = {"client_id": uuid4(), "estate": estate}
            statuses.append(send(editor, "/file/photos/", fields, [("file", "a.png", png)]))

        threads = [threading.Thread(target=upload, args=[editor]) for editor in editors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return str(sorted(statuses))

    def table(self, content: bytes) -> str:
        """Sent in as a handover list; how the worker left it."""
        sales = Person(self.site.address, "sales")
        [(estate,)] = self.rows(ESTATE)
        [(before,)] = self.rows("SELECT count(*) FROM exchange_importbatch")
        status = send(sales, "/imports/new/handover/", {"estate": estate}, [("table", "a.xlsx", content)])
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            rows = self.rows("SELECT state, refusal FROM exchange_importbatch ORDER BY id DESC")
            if len(rows) > int(str(before)) and rows[0][0] != "reading":
                return f"{status} {rows[0][0]} {rows[0][1]}"
            time.sleep(0.2)
        return f"{status}, not read"

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.site.folder / "anjuan.sqlite3", timeout=60)) as database:
            return database.execute(sql).fetchall()


def main() -> None:
    with (
        bench_site(8396) as site,
        site.served() as web,
        site.running(*MANAGE, "db_worker", "--queue-name", "*", "--interval", "0.2") as worker,
    ):
        Person(site.address, "editor").read("/work/")
        time.sleep(10)  # until the worker stands
        attack = Attack(site, Peaks(web, worker))
        attack.bench("XLSX, 5 kB: merge A5:XFD1048576", lambda: attack.table(merged_sheet()))
        attack.bench("XLSX: 6 million shared strings", lambda: attack.table(shared_strings(6_000_000)))
        attack.bench(f"{FILES} files of 39 MB by one who may not", attack.forbidden_files)
        attack.bench(f"{PNGS} PNGs of 80 megapixels at once", attack.large_photos)


if __name__ == "__main__":
    main()
