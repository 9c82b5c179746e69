from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _
from tqdm import tqdm

from search import index
from search.engines.apart import ENGINES, NoSuchServer, engine_apart
from search.evaluation import evaluate, figures

COLUMNS = ("r@1", "r@10", "mrr@10", "empty", "p50_ms", "p95_ms", "n")


class Command(BaseCommand):
    help = "Keep the search index (rebuild, health), and measure search on a retrieval set (eval)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("rebuild", help="index every record afresh")
        actions.add_parser("health", help="say whether the index is sound")
        measured = actions.add_parser("eval", help="run the judged queries of a folder, apart from the live index")
        measured.add_argument("folder", type=Path)
        measured.add_argument("--engine", choices=ENGINES, help="default: the one of the site's database")
        measured.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, **options: object) -> None:
        if options["action"] == "eval":
            self._evaluate(Path(str(options["folder"])), str(options["engine"] or connection.vendor), options)
            return
        if options["action"] == "rebuild":
            with tqdm(unit="", disable=None, file=self.stderr._out) as bar:
                count = index.rebuild(progress=bar.update)
            self.stdout.write(_("已重建索引，共 %(count)d 条记录。") % {"count": count})
        health = index.health()
        words = _("正常") if health.ok else _("不一致，请运行 search rebuild")
        self.stdout.write(f"{health.engine}: {health.documents} · {words}")

    def _evaluate(self, folder: Path, engine_name: str, options: dict[str, object]) -> None:
        try:
            with engine_apart(engine_name) as engine, tqdm(unit="", disable=None, file=self.stderr._out) as bar:
                measured = figures(evaluate(engine, folder, progress=bar.update))
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(
                _("读不了 %(folder)s：需要 corpus.jsonl 和 queries/*.jsonl。%(error)s")
                % {"folder": folder, "error": error}
            ) from error
        except NoSuchServer as error:
            raise CommandError(_("没有这个引擎的服务器：请设置 %(name)s。") % {"name": error}) from error
        if options["as_json"]:
            self.stdout.write(json.dumps({"sets": measured}, indent=2))
            return
        self.stdout.write(f"{engine_name:<16}" + "".join(f"{name:>9}" for name in COLUMNS))
        for name, row in measured.items():
            numbers = "".join(f"{row[c]:>9.0f}" if c == "n" else f"{row[c]:>9.3f}" for c in COLUMNS)
            self.stdout.write(f"{name:<16}{numbers}")
