"""One machine for every table that comes in: check everything first, write what is good, hand back what is not, undo.

Rows are worked on by the chunk, each in one transaction that also says that it is done: cut off anywhere, the next run
goes on, and nothing is half. What the rows mean is the importer's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.importers import WORDS, Work, importer_of, importers
from exchange.models import ImportBatch, ImportChunk, ImportFile
from exchange.reading_in import read_batch
from exchange.tables import Problem, TableError, refuse_at_once
from vault.data_keys import destroy_key, make_many

if TYPE_CHECKING:
    from estates.models import User

READABLE_DAYS = 30
"""So long the rows that were sent in can be had again; then their key is destroyed."""

State, Part = ImportBatch.State, ImportChunk.State


def start_batch(*, by: User, kind: str, options: Mapping[str, Any], content: bytes) -> ImportBatch:
    """Keep the file, sealed, to be read and checked by `go_on`. Raises PermissionDenied; TableError for what its first
    bytes or its size forbid, and what `vault.sealing.seal` raises."""
    importer = importers()[kind]
    if not importer.may_import(by, options):
        raise PermissionDenied
    refuse_at_once(content)
    with transaction.atomic():
        batch = ImportBatch.objects.create(kind=kind, options=dict(options), made_by=by)
        make_many([batch.subject])
        file = ImportFile(batch=batch)
        file.seal_content(content)
        file.save()
    return batch


def check_batch(batch: ImportBatch) -> None:
    """Dry run: look at every row, write none. Cut off, it begins anew. Two at once do no harm: once the batch is no
    longer to be checked, what the later one finds is not kept."""
    importer, work = importer_of(batch), Work(batch, batch.made_by)
    if batch.state == State.READING:
        read_batch(batch)
    if batch.state != State.CHECKING:
        return
    for chunk in batch.chunks.order_by("number"):
        chunk.batch = batch
        spoiled = [one for one in chunk.found if one.code in WORDS]
        chunk.keep_problems(_each_once([*spoiled, *importer.examine(chunk.opened_rows(), work)]))
        chunk.state = Part.CHECKED
        if not _keep_checked(chunk):
            return
    ImportBatch.objects.filter(pk=batch.pk, state=State.CHECKING).update(state=State.CHECKED)


@transaction.atomic
def _keep_checked(chunk: ImportChunk) -> bool:
    """False, and nothing is kept, when the batch is no longer to be checked."""
    if ImportBatch.objects.select_for_update().get(pk=chunk.batch_id).state != State.CHECKING:
        return False
    chunk.save(update_fields=["problems", "state"])
    return True


def _each_once(problems: Sequence[Problem]) -> list[Problem]:
    """In the order of the rows; of a cell that reading found spoiled, only that is told."""
    found: dict[tuple[int, str], Problem] = {}
    for problem in problems:
        found.setdefault((problem.row, problem.column), problem)
    return sorted(found.values(), key=lambda one: one.row)


def begin(*, by: User, batch: ImportBatch, state: str) -> ImportBatch:
    """Set a batch to be written or undone. Raises PermissionDenied, TableError when that is not its turn."""
    with transaction.atomic():
        row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if not importer_of(row).may_import(by, row.options):
            raise PermissionDenied
        wanted = {State.WRITING: (State.CHECKED,), State.UNDOING: (State.WRITTEN, State.WRITING)}[State(state)]
        if row.state not in wanted:
            raise TableError(_("批次是“%(state)s”，现在不能这样做。") % {"state": row.get_state_display()})
        row.state = state
        row.save(update_fields=["state"])
    return row


def go_on(batch: ImportBatch) -> None:
    """Do what the batch's state says is under way, to its end. Two at once do no harm: a chunk is locked."""
    for _done in steps_of(batch):
        pass


def steps_of(batch: ImportBatch) -> Iterator[int]:
    """As `go_on`, chunk by chunk; yields how many chunks are done."""
    batch.refresh_from_db()
    if batch.state in (State.READING, State.CHECKING):
        check_batch(batch)
    elif batch.state == State.WRITING:
        yield from _write_all(batch)
    elif batch.state == State.UNDOING:
        yield from _undo_all(batch)


def _write_all(batch: ImportBatch) -> Iterator[int]:
    work = Work(batch, batch.made_by)
    for done, number in enumerate(_numbers(batch, Part.CHECKED), 1):
        if not _write_chunk(work, number):
            return
        yield done
    ImportBatch.objects.filter(pk=batch.pk, state=State.WRITING).update(state=State.WRITTEN, settled_at=timezone.now())


def _numbers(batch: ImportBatch, *states: str) -> list[int]:
    return list(batch.chunks.filter(state__in=states).order_by("number").values_list("number", flat=True))


@transaction.atomic
def _write_chunk(work: Work, number: int) -> bool:
    """One chunk, whole or not at all. False when the batch is no longer to be written."""
    chunk = _taken(work.batch, number, State.WRITING)
    if chunk is None:
        return False
    if chunk.state != Part.CHECKED:
        return True
    bad = {problem.row for problem in chunk.found}
    rows = [row for row in chunk.opened_rows() if row.number not in bad]
    written = importer_of(work.batch).write(rows, work)
    chunk.made, chunk.known, chunk.state = written.made, written.known, Part.WRITTEN
    chunk.keep_problems(_each_once([*chunk.found, *written.problems]))
    chunk.save(update_fields=["made", "known", "state", "problems"])
    return True


def _taken(batch: ImportBatch, number: int, state: str) -> ImportChunk | None:
    """The chunk, with the batch locked; None when the batch is in another state by now."""
    row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if row.state != state:
        return None
    chunk = row.chunks.get(number=number)
    chunk.batch = row
    return chunk


def _undo_all(batch: ImportBatch) -> Iterator[int]:
    work, importer = Work(batch, batch.made_by), importer_of(batch)
    for done, number in enumerate(reversed(_numbers(batch, Part.WRITTEN, Part.UNDONE)), 1):
        chunk = _undo_chunk(work, number)
        if chunk.state == Part.UNDONE:
            kept = {row for row, _code in chunk.kept}
            importer.forget([(row, ref) for row, ref in chunk.made if row not in kept])
            ImportChunk.objects.filter(pk=chunk.pk, state=Part.UNDONE).update(state=Part.GONE, made=[])
        yield done
    ImportBatch.objects.filter(pk=batch.pk, state=State.UNDOING).update(state=State.UNDONE, settled_at=timezone.now())


@transaction.atomic
def _undo_chunk(work: Work, number: int) -> ImportChunk:
    chunk = _taken(work.batch, number, State.UNDOING)
    if chunk is None:
        return ImportChunk.objects.get(batch=work.batch, number=number)
    if chunk.state == Part.WRITTEN:
        chunk.kept = importer_of(work.batch).undo([(row, ref) for row, ref in chunk.made], work)
        chunk.state = Part.UNDONE
        chunk.save(update_fields=["kept", "state"])
    return chunk


@transaction.atomic
def drop_batch(*, by: User, batch: ImportBatch) -> None:
    """Give up a batch of which nothing was written; its rows can never be read again. Raises PermissionDenied,
    TableError."""
    row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if not importer_of(row).may_import(by, row.options):
        raise PermissionDenied
    if row.state not in (State.READING, State.CHECKING, State.CHECKED):
        raise TableError(_("批次是“%(state)s”，现在不能这样做。") % {"state": row.get_state_display()})
    row.chunks.all().delete()
    ImportFile.objects.filter(batch=row).delete()
    row.state, row.is_readable, row.settled_at = State.DROPPED, False, timezone.now()
    row.save(update_fields=["state", "is_readable", "settled_at"])
    transaction.on_commit(lambda: destroy_key(row.subject))


def forget_rows() -> int:
    """Destroy the keys of batches settled long enough ago. Returns how many."""
    until = timezone.now() - timedelta(READABLE_DAYS)
    done = ImportBatch.objects.filter(state__in=[State.WRITTEN, State.UNDONE], settled_at__lt=until, is_readable=True)
    for pk in (pks := list(done.values_list("pk", flat=True))):
        forget_batch(pk)
    return len(pks)


def forget_batch(pk: int) -> None:
    """What was sent in can never be read again; what it made stays. May be called twice."""
    batch = ImportBatch.objects.get(pk=pk)
    batch.chunks.update(sealed=b"")
    ImportBatch.objects.filter(pk=pk).update(is_readable=False)
    destroy_key(batch.subject)
