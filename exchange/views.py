"""Tables sent in: checked first, written when somebody says so, handed back where they are wrong, undone."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from estates.models import Estate, User
from estates.private_forms import answered
from estates.requests import came_from, person, whole_number
from exchange.import_report import blank_sheet, kept_of, problems_of, refusal_of, sheet_of_problems, tally
from exchange.importers import Importer, batches_for, importer_of, importers, importers_for, may_see
from exchange.importing import begin, drop_batch, start_batch
from exchange.models import ImportBatch
from exchange.spreadsheets import CONTENT_TYPE
from exchange.tables import TableError
from exchange.tasks import run_import
from exchange.uploads import oversized_uploads, uploads_in_memory
from vault.fingerprints import KeysUnusable
from vault.models.access import Act
from vault.register import Access, note_access

SHOWN = 50
State = ImportBatch.State
UNDER_WAY = (State.READING, State.CHECKING, State.WRITING, State.UNDOING)


@require_safe
@never_cache
def imports(request: HttpRequest) -> HttpResponse:
    """What may be sent in, and what was."""
    user = person(request)
    kinds = importers_for(user)
    if not kinds:
        raise PermissionDenied(_("导入表格对销售、客服开放。"))
    rows = [(batch, importer_of(batch).title, tally(batch)) for batch in batches_for(user)]
    return render(request, "exchange/imports.html", {"kinds": kinds, "rows": rows})


def _importer_or_404(request: HttpRequest, kind: str) -> Importer:
    if kind not in importers():
        raise Http404
    importer = importers()[kind]
    if importer not in importers_for(person(request)):
        raise PermissionDenied(_("导入表格对销售、客服开放。"))
    return importer


@uploads_in_memory(_importer_or_404)
@require_http_methods(["GET", "POST"])
@never_cache
def send_in(request: HttpRequest, kind: str) -> HttpResponseBase:
    user, importer = person(request), _importer_or_404(request, kind)
    problem = ""
    if request.method == "POST":
        try:
            made = start_batch(by=user, kind=kind, options=_options(request, importer), content=_content(request))
        except (TableError, KeysUnusable) as error:
            problem = str(error)
        else:
            run_import.enqueue(made.pk)
            return answered(request, redirect("exchange:batch", made.pk))
    context = {
        "importer": importer,
        "estates": importer.estates(user),
        "chosen": whole_number(request.POST.get("estate")),
        "columns": _columns(user, importer),
        "problem": problem,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return answered(request, render(request, "exchange/send_in.html", context, status=status))


def _options(request: HttpRequest, importer: Importer) -> dict[str, int]:
    estates = importer.estates(person(request))
    if estates is None:
        return {}
    chosen = estates.filter(pk=whole_number(request.POST.get("estate"))).first()
    if chosen is None:
        raise TableError(_("请选择楼盘。"))
    return {"estate": chosen.pk}


def _content(request: HttpRequest) -> bytes:
    if oversized_uploads(request):
        raise TableError(_("文件太大，没有导入。请分成几份。"))
    upload = request.FILES.get("table")
    if not isinstance(upload, File):
        raise TableError(_("请选择 XLSX 或 CSV 文件。"))
    return bytes(upload.read())


def _columns(user: User, importer: Importer) -> list[tuple[str, bool]]:
    """The headings of the first estate that the person may import for."""
    estates = importer.estates(user)
    first = estates.first() if estates is not None else None
    return [(one.heading, one.required) for one in importer.columns({"estate": first.pk} if first else {})]


@require_safe
def blank(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty table, with the headings of one estate."""
    importer, user = _importer_or_404(request, kind), person(request)
    estates = importer.estates(user)
    chosen: Estate | None = None
    if estates is not None:
        chosen = estates.filter(pk=whole_number(request.GET.get("estate"))).first() or estates.first()
    return _sheet(blank_sheet(importer, {"estate": chosen.pk} if chosen else {}), f"{kind}.xlsx")


@require_http_methods(["GET", "POST"])
@never_cache
def batch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """How the batch stands; a POST writes it, undoes it, gives it up or goes on with it."""
    row = _batch_or_404(request, pk)
    if request.method == "POST":
        do = ACTS.get(request.POST.get("action", ""))
        if do is None:
            raise Http404
        try:
            do(person(request), row)
        except TableError as error:
            messages.error(request, str(error))
        return redirect("exchange:batch", pk)
    stands = tally(row)
    context = {
        "batch": row,
        "importer": importer_of(row),
        "tally": stands,
        "good": row.rows - stands.bad,
        "problems": problems_of(row, SHOWN),
        "kept": kept_of(row)[:SHOWN],
        "under_way": row.state in UNDER_WAY,
        "refusal": refusal_of(row),
    }
    return render(request, "exchange/batch.html", context)


def _batch_or_404(request: HttpRequest, pk: int) -> ImportBatch:
    row = ImportBatch.objects.select_related("made_by").filter(pk=pk).first()
    if row is None or not may_see(person(request), row):
        raise Http404
    return row


def _write(user: User, row: ImportBatch) -> None:
    run_import.enqueue(begin(by=user, batch=row, state=State.WRITING).pk)


def _undo(user: User, row: ImportBatch) -> None:
    run_import.enqueue(begin(by=user, batch=row, state=State.UNDOING).pk)


def _go_on(user: User, row: ImportBatch) -> None:
    run_import.enqueue(row.pk)


def _drop(user: User, row: ImportBatch) -> None:
    drop_batch(by=user, batch=row)


ACTS: dict[str, Callable[[User, ImportBatch], None]] = {
    "write": _write,
    "undo": _undo,
    "go_on": _go_on,
    "drop": _drop,
}


@require_POST
def problems(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows to be corrected, as they came: of a private kind a line of the access register."""
    row = _batch_or_404(request, pk)
    if not row.is_readable:
        raise Http404
    try:
        sheet = sheet_of_problems(row)
    except KeysUnusable as error:
        messages.error(request, str(error))
        return redirect("exchange:batch", pk)
    if importer_of(row).is_private:
        counted = tally(row).bad
        note_access(
            person(request),
            Access(Act.EXPORTED, row.subject, f"import-{row.pk}", count=counted, address=came_from(request)),
        )
    return _sheet(sheet, f"import-{row.pk}-problems.xlsx")


def _sheet(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
