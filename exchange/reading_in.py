"""What was sent in becomes rows, sealed by the chunk; or the reason why not, and nothing of the file stays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from exchange.importers import importer_of
from exchange.models import ImportBatch, ImportChunk, ImportFile
from exchange.reading import Read, Reading, reading
from exchange.tables import Unreadable
from vault.blind_index import token
from vault.data_keys import KeyDestroyed, KeyUnknown, destroy_key
from vault.fingerprints import KeysUnusable
from vault.sealing import Tampered

CHUNK = 250
State = ImportBatch.State


def read_batch(batch: ImportBatch) -> None:
    """Read its file, in another process. Two at once do no harm: the later one finds it done."""
    try:
        content = ImportFile.objects.get(batch=batch).opened()
        with reading(content, importer_of(batch).columns(batch.options)) as table:
            rows = _rows_of(batch, table)
        _enter(batch, rows)
    except ImportFile.DoesNotExist:
        pass  # read, or given up, meanwhile
    except Unreadable as error:
        _refuse(batch, error)
    except (KeysUnusable, KeyUnknown, KeyDestroyed, Tampered):
        _refuse(batch, Unreadable("keys"))
    batch.refresh_from_db()


@dataclass(frozen=True, slots=True)
class _Rows:
    columns: list[str]
    ignored: list[str]
    chunks: list[ImportChunk]
    count: int
    digest: str


def _rows_of(batch: ImportBatch, table: Reading) -> _Rows:
    """All rows, sealed as they come: never many of them in the clear at once, and no transaction open meanwhile."""
    digest, count = hashlib.sha256(json.dumps(list(table.columns)).encode()), 0
    chunks = []
    for number, part in enumerate(_parts(table.rows)):
        for row, _problems in part:
            digest.update(json.dumps(sorted(row.cells.items())).encode())
        count += len(part)
        chunks.append(_chunk(batch, number, part))
    told = token("import", digest.hexdigest())
    return _Rows(list(table.columns), list(table.ignored), chunks, count, told)


@transaction.atomic
def _enter(batch: ImportBatch, rows: _Rows) -> None:
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.state != State.READING:
        return
    locked.columns, locked.ignored, locked.rows = rows.columns, rows.ignored, rows.count
    locked.digest, locked.state = rows.digest, State.CHECKING
    _refuse_same(locked)
    ImportChunk.objects.bulk_create(rows.chunks, batch_size=50)
    locked.save(update_fields=["columns", "ignored", "rows", "digest", "state"])
    ImportFile.objects.filter(batch=locked).delete()


def _parts(rows: Iterable[Read]) -> Iterator[list[Read]]:
    rest = iter(rows)
    while part := list(islice(rest, CHUNK)):
        yield part


def _chunk(batch: ImportBatch, number: int, part: Sequence[Read]) -> ImportChunk:
    chunk = ImportChunk(batch=batch, number=number)
    chunk.seal_rows([row for row, _problems in part])
    chunk.keep_problems([problem for _row, problems in part for problem in problems])
    return chunk


def _refuse_same(batch: ImportBatch) -> None:
    """The digest is the same for the same rows, however the file was saved."""
    same = ImportBatch.objects.filter(kind=batch.kind, digest=batch.digest, options=batch.options)
    if earlier := same.filter(state__in=[State.WRITING, State.WRITTEN]).select_related("made_by").first():
        when = date_format(localtime(earlier.made_at), "Y-m-d H:i")
        raise Unreadable("same", who=str(earlier.made_by), when=when, batch=earlier.pk)


@transaction.atomic
def _refuse(batch: ImportBatch, error: Unreadable) -> None:
    """Its key goes with the file: nobody will want to correct rows that were never read."""
    row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if row.state != State.READING:
        return
    row.state, row.is_readable, row.settled_at = State.REFUSED, False, timezone.now()
    row.refusal = {"code": error.code, "named": error.named}
    row.save(update_fields=["state", "is_readable", "settled_at", "refusal"])
    ImportFile.objects.filter(batch=row).delete()
    transaction.on_commit(lambda: destroy_key(row.subject))
