"""`make demo`: database and samples, then web, worker and postman until Ctrl-C. Run again, it keeps what was there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

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


def serve() -> int:
    web = [
        sys.executable,
        "-m",
        "gunicorn",
        "cms.wsgi",
        "--bind",
        f"{HOST}:{PORT}",
        "--threads",
        "4",
        "--no-control-socket",
    ]
    worker = [*MANAGE, "db_worker", "--queue-name", "*"]
    with (VAR / "worker.log").open("ab") as log:
        running = [
            subprocess.Popen(web, cwd=ROOT, env=ENVIRONMENT),  # noqa: S603
            subprocess.Popen(worker, cwd=ROOT, env=ENVIRONMENT, stdout=log, stderr=log),  # noqa: S603
            subprocess.Popen([*MANAGE, "postman"], cwd=ROOT, env=ENVIRONMENT, stdout=log, stderr=log),  # noqa: S603
            subprocess.Popen([*MANAGE, "tick", "--forever"], cwd=ROOT, env=ENVIRONMENT, stdout=log, stderr=log),  # noqa: S603
        ]

    def stop(*_: object) -> None:
        for process in running:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    code = running[0].wait()
    stop()
    for process in running[1:]:
        process.wait()
    return 0 if code in (0, -signal.SIGTERM) else code


if __name__ == "__main__":
    if "--reset" in sys.argv:
        shutil.rmtree(VAR, ignore_errors=True)
    manage("migrate", "--verbosity", "0")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    manage("make_keys")
    manage("load_samples")
    sys.exit(serve())
