from __future__ import annotations

import json
import signal
import time
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections, connection
from django.utils.translation import gettext as _
from tqdm import tqdm

from running.heartbeats import beating
from running.loops import keep_trying
from search import index, upkeep
from search.engines import Engine, EngineFailure, database_engine, elasticsearch_engine
from search.engines.apart import ENGINES, NoSuchServer, engine_apart
from search.evaluation import evaluate, figures, number_in
from search.meaning import encoding
from search.meaning.encoder import NoEncoder, encoder
from search.wording import lack_in_words

COLUMNS = ("r@1", "r@10", "mrr@10", "empty", "p50_ms", "p95_ms", "n")
SHOWN = 20
IDLE = 0.5
"""Seconds between two looks into an empty outbox."""


class Command(BaseCommand):
    help = (
        "Keep the search index (rebuild, verify, repair, feed, encode, health), "
        "and measure search on a retrieval set (eval)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("rebuild", help="index every record afresh, without a gap")
        actions.add_parser("verify", help="compare every index with the records; exit 1 on a difference")
        actions.add_parser("repair", help="as verify, and mend what differs")
        feed = actions.add_parser("feed", help="deliver changes to Elasticsearch, and go on until stopped")
        feed.add_argument("--once", action="store_true", help="deliver what waits, then end")
        actions.add_parser("encode", help="read what records mean, until every one is done (the worker does it too)")
        actions.add_parser("health", help="say whether the index is sound, and how far Elasticsearch is behind")
        measured = actions.add_parser("eval", help="run the judged queries of a folder, apart from the live index")
        measured.add_argument("folder", type=Path)
        measured.add_argument("--engine", choices=ENGINES, help="default: the one of the site's database")
        measured.add_argument("--meaning", action="store_true", help="by what queries mean too; takes minutes")
        measured.add_argument("--ids", choices=("all", "odd", "even"), default="all", help="which queries")
        measured.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, **options: object) -> None:
        action = options["action"]
        if action == "eval":
            self._evaluate(Path(str(options["folder"])), str(options["engine"] or connection.vendor), options)
        elif action == "feed":
            self._feed(once=bool(options["once"]))
        elif action == "encode":
            self._encode()
        elif action in ("verify", "repair"):
            self._compare(mend=action == "repair")
        else:
            if action == "rebuild":
                self._rebuild()
            self._tell_health()

    def _rebuild(self) -> None:
        try:
            with tqdm(unit="", disable=None, file=self.stderr._out) as bar:
                count = index.rebuild(progress=bar.update)
        except EngineFailure as failure:
            raise CommandError(
                _("Elasticsearch 没有应答，它的索引保持原样：%(error)s") % {"error": failure}
            ) from failure
        self.stdout.write(_("已重建索引，共 %(count)d 条记录。") % {"count": count})

    def _encode(self) -> None:
        try:
            with tqdm(unit="", disable=None, file=self.stderr._out) as bar:
                encoding.encode_waiting(told=bar.update)
        except NoEncoder as lack:
            raise CommandError(lack_in_words(lack)) from lack
        done = encoding.progress_of()
        if done.waiting:
            raise CommandError(_("另一个进程正在编码，请稍后再看。"))
        self.stdout.write(_("全部记录都已编码，共 %(count)d 条。") % {"count": done.encoded})

    def _tell_health(self) -> None:
        status = index.status()
        for health in status.engines:
            words = _("正常") if health.ok else _("不一致或没有应答")
            self.stdout.write(f"{health.engine}: {health.documents} · {words}")
        if lag := status.lag:
            since = lag.oldest.isoformat(timespec="seconds") if lag.oldest else "—"
            told = {"count": lag.waiting, "since": since, "failures": lag.failures, "error": lag.error or "—"}
            self.stdout.write(
                _("待送 %(count)d 条，最早 %(since)s；连续失败 %(failures)d 次，最近的错误：%(error)s") % told
            )

    def _compare(self, *, mend: bool) -> None:
        engines: list[Engine] = [database_engine()]
        if elasticsearch := elasticsearch_engine():
            engines.append(elasticsearch)
        different = 0
        for engine in engines:
            try:
                with tqdm(unit="", disable=None, file=self.stderr._out) as bar:
                    found = upkeep.verify(engine, progress=bar.update)
            except EngineFailure as failure:
                raise CommandError(
                    _("%(engine)s 没有应答：%(error)s") % {"engine": engine.name, "error": failure}
                ) from failure
            different += len(found)
            for kind, pk in list(found)[:SHOWN]:
                self.stdout.write(f"{engine.name} {kind} {pk}")
            told = {"engine": engine.name, "missing": len(found.missing), "stale": len(found.stale)}
            told |= {"superfluous": len(found.superfluous)}
            self.stdout.write(_("%(engine)s：缺 %(missing)d 条，过时 %(stale)d 条，多余 %(superfluous)d 条。") % told)
            if mend:
                upkeep.repair(engine, found)
        if different and mend:
            self.stdout.write(_("已修复；Elasticsearch 的部分由 search feed 送达。"))
        elif different:
            raise CommandError(_("索引与记录不一致，请运行 search repair。"))

    def _feed(self, *, once: bool) -> None:
        if elasticsearch_engine() is None:
            raise CommandError(_("没有设置 ELASTICSEARCH_URL，不需要送达。"))
        if once:
            self._deliver([], once=True)
            return
        stopped: list[int] = []
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda number, frame: stopped.append(number))
        with beating("feed"):
            keep_trying("feed", lambda: self._deliver(stopped, once=False), sleep=lambda rest: _sleep(rest, stopped))

    def _deliver(self, stopped: list[int], *, once: bool) -> None:
        while not stopped:
            try:
                if not once:
                    close_old_connections()
                upkeep.make_ready()
                delivered = upkeep.deliver()
            except EngineFailure as failure:
                if once:
                    raise CommandError(str(failure)) from failure
                pause = upkeep.pause_after(upkeep.feed_state().failures)
                self.stderr.write(_("送达失败，%(seconds)d 秒后再试：%(error)s") % {"seconds": pause, "error": failure})
                _sleep(pause, stopped)
                continue
            if not delivered:
                if once:
                    return
                _sleep(IDLE, stopped)

    def _evaluate(self, folder: Path, engine_name: str, options: dict[str, object]) -> None:
        parity = {"odd": 1, "even": 0}.get(str(options["ids"]))
        try:
            by = encoder() if options["meaning"] else None
            with engine_apart(engine_name) as engine, tqdm(unit="", disable=None, file=self.stderr._out) as bar:
                outcomes = evaluate(
                    engine,
                    folder,
                    by=by,
                    wanted=lambda query: parity is None or number_in(query.id) % 2 == parity,
                    progress=bar.update,
                )
                measured = figures(outcomes)
        except (OSError, ValueError, KeyError) as error:
            told = {"folder": folder, "error": error}
            raise CommandError(
                _("读不了 %(folder)s：需要 corpus.jsonl 和 queries/*.jsonl。%(error)s") % told
            ) from error
        except NoSuchServer as error:
            raise CommandError(_("没有这个引擎的服务器：请设置 %(name)s。") % {"name": error}) from error
        except NoEncoder as lack:
            raise CommandError(lack_in_words(lack)) from lack
        if options["as_json"]:
            self.stdout.write(json.dumps({"sets": measured}, indent=2))
            return
        self.stdout.write(f"{engine_name:<16}" + "".join(f"{name:>9}" for name in COLUMNS))
        for name, row in measured.items():
            numbers = "".join(f"{row[c]:>9.0f}" if c == "n" else f"{row[c]:>9.3f}" for c in COLUMNS)
            self.stdout.write(f"{name:<16}{numbers}")


def _sleep(seconds: float, stopped: list[int]) -> None:
    """In short pieces, so that a stop is heard."""
    until = time.monotonic() + seconds
    while not stopped and time.monotonic() < until:
        time.sleep(min(0.2, max(until - time.monotonic(), 0.01)))
