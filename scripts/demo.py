"""`make demo`: database and samples, then web, worker, postman and tick until Ctrl-C; what dies is started again. Run
again, it keeps what was there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("ANJUAN_VAR", ROOT / "var"))
HOST, PORT = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
ENVIRONMENT = os.environ | {
    "DJANGO_SETTINGS_MODULE": "cms.settings.development",
    "SITE_URL": f"http://{HOST}:{PORT}",
    "ANJUAN_VAR": str(VAR),
    "MAIL_URL": os.environ.get("MAIL_URL", f"file://{VAR / 'mail'}"),
}
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def manage(*arguments: str) -> None:
    subprocess.run([*MANAGE, *arguments], cwd=ROOT, env=ENVIRONMENT, check=True)  # noqa: S603  our own commands


PROCESSES = {
    "web": ["serve", "--listen", f"{HOST}:{PORT}"],
    "worker": ["db_worker", "--queue-name", "*"],
    "postman": ["postman"],
    "tick": ["tick", "--forever"],
}
RESTARTS, WITHIN_SECONDS, PAUSE_SECONDS = 5, 300, 2


class Process:
    """One of the processes of the site; started again when it dies, unless it dies again and again."""

    def __init__(self, name: str, log: IO[bytes] | None) -> None:
        self.name, self.log = name, log
        self.starts: list[float] = []
        self.start()

    def start(self) -> None:
        self.starts.append(time.monotonic())
        command = [*MANAGE, *PROCESSES[self.name]]
        self.running = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=self.log, stderr=self.log)  # noqa: S603

    def revive(self) -> bool:
        """Whether it lives, or was started again."""
        code = self.running.poll()
        if code is None:
            return True
        recent = [start for start in self.starts if time.monotonic() - start < WITHIN_SECONDS]
        if len(recent) > RESTARTS:
            print(
                f"{self.name} ended {len(recent)} times within {WITHIN_SECONDS} s (code {code}): giving up", flush=True
            )
            return False
        print(f"{self.name} ended (code {code}): started again", flush=True)
        self.start()
        return True


def serve() -> int:
    """Until Ctrl-C, or until a process cannot be kept alive."""
    ended: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.append(0))
    with (VAR / "worker.log").open("ab") as log:
        processes = [Process(name, None if name == "web" else log) for name in PROCESSES]
        while not ended:
            time.sleep(PAUSE_SECONDS)
            if not ended and not all([process.revive() for process in processes]):  # noqa: C419  every one is looked at
                ended.append(1)
        for process in processes:
            process.running.terminate()
        for process in processes:
            process.running.wait()
    return ended[0]


if __name__ == "__main__":
    if "--reset" in sys.argv:
        shutil.rmtree(VAR, ignore_errors=True)
    manage("migrate", "--verbosity", "0")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    manage("make_keys")
    manage("load_samples")
    sys.exit(serve())
