"""Who may do what with a case. Asked by views, services and Wagtail's seams alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from casebook.vocabulary import Library, PackState, State
from estates.access import Person, Reach, either, reach_for_department, reach_of
from estates.departments import departments_of
from estates.roles import CUSTOMER_SERVICE, OVERSIGHT, DepartmentKind, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from casebook.models import CasePage, CaseReview, ReviewPack
    from estates.models import Estate

FILING_ROLES = frozenset({Role.EDITOR, Role.MANAGER})
LIBRARY_READERS: dict[Library, frozenset[Role]] = {
    Library.DESIGN: frozenset({Role.DESIGN}),
    Library.QUALITY: frozenset({Role.ENGINEERING}),
    Library.SERVICE: CUSTOMER_SERVICE,
}
LIBRARY_DEPARTMENTS: dict[Library, DepartmentKind] = {
    Library.DESIGN: DepartmentKind.DESIGN,
    Library.QUALITY: DepartmentKind.ENGINEERING,
    Library.SERVICE: DepartmentKind.CUSTOMER_SERVICE,
}
PROJECT_READERS = frozenset({*FILING_ROLES, *OVERSIGHT, Role.DESIGN, Role.ENGINEERING})
STAFF, OVERSEEN = "staff", "overseen"


def visible_cases(user: Person) -> Q:
    """Filing roles see every case of their estates; others see published ones of their libraries."""
    ways = [(FILING_ROLES, Q()), (OVERSIGHT, Q(live=True))]
    ways += [(roles, Q(live=True, **{library.value: True})) for library, roles in LIBRARY_READERS.items()]
    return _reached(user, ways, "estate")


def _reached(user: Person, ways: Iterable[tuple[Collection[str], Q]], field: str) -> Q:
    """Rows of an estate (`field`) where the user holds one of the roles, and its condition holds."""
    reaches = [(reach_of(user, roles), condition) for roles, condition in ways]
    return either(reach.q(field) & condition for reach, condition in reaches if reach)


def case_audience(case: CasePage) -> frozenset[str]:
    """The tokens of search that say the same as `visible_cases`: each bare, and within the case's estate."""
    holders = [STAFF]
    if case.live:
        holders += [OVERSEEN, *(library.value for library in Library if getattr(case, library.value))]
    return frozenset(token for h in holders for token in (h, f"{h}.{case.estate_id}"))


def audience_tokens(user: Person) -> frozenset[str]:
    """The tokens that a person holds."""
    held = {STAFF: FILING_ROLES, OVERSEEN: OVERSIGHT}
    readers: dict[str, frozenset[Role]] = {**held, **{lib.value: roles for lib, roles in LIBRARY_READERS.items()}}
    tokens: set[str] = set()
    for holder, roles in readers.items():
        reach = reach_of(user, roles)
        tokens |= {holder} if reach.everywhere else {f"{holder}.{pk}" for pk in reach.estate_ids}
    return frozenset(tokens)


def visible_projects(user: Person) -> Q:
    """Customer service and oversight on the estate, and the departments that answer packs there."""
    return reach_of(user, PROJECT_READERS).q("estate")


def visible_packs(user: Person) -> Q:
    """Customer service from the first; oversight and the library's readers once it is handed over."""
    handed_over = ~Q(state=PackState.PREPARED)
    ways: list[tuple[frozenset[Role], Q]] = [(FILING_ROLES, Q(pk__isnull=False)), (OVERSIGHT, handed_over)]
    ways += [(roles, handed_over & Q(library=library.value)) for library, roles in LIBRARY_READERS.items()]
    return _reached(user, ways, "stage__project__estate")


def visible_items(user: Person) -> Q:
    """Items of packs one may read, as far as their cases are of estates and a library that one may read. A case that
    was withdrawn later stays: what was asked and answered remains on record."""
    ways: list[tuple[frozenset[Role], Q]] = [(FILING_ROLES | OVERSIGHT, Q(pk__isnull=False))]
    ways += [(roles, Q(pack__library=library.value)) for library, roles in LIBRARY_READERS.items()]
    return _reached(user, ways, "case__estate")


def may_file_on(user: Person, estate: Estate) -> bool:
    return reach_of(user, FILING_ROLES).covers(estate.pk)


def may_edit_case(user: Person, case: CasePage) -> bool:
    """A void case stays as it is."""
    return case.state != State.VOID and files_for(user, case)


def files_for(user: Person, case: CasePage) -> bool:
    """Of those who file on the case's estate: they see its drafts, reviews and receipts."""
    return reach_of(user, FILING_ROLES).covers(case.estate_id)


def may_manage_case(user: Person, case: CasePage) -> bool:
    """Withdraw, void, correct its place."""
    return reach_of(user, {Role.MANAGER}).covers(case.estate_id)


def may_manage_on(user: Person, estate: Estate) -> bool:
    """Move cases there; start its projects, prepare and hand over their packs."""
    return reach_of(user, {Role.MANAGER}).covers(estate.pk)


def may_answer_for(user: Person, pack: ReviewPack) -> bool:
    """The readers of the pack's library, on the project's estate."""
    return reach_of(user, LIBRARY_READERS[Library(pack.library)]).covers(pack.stage.project.estate_id)


def may_export_cases(user: Person) -> bool:
    """A right of its own: reading on the screen is not taking out."""
    return bool(reach_of(user, {Role.MANAGER, Role.DIRECTOR, Role.GENERAL_MANAGER}))


def may_see_measures(user: Person) -> bool:
    return bool(reach_of(user, {Role.MANAGER, *OVERSIGHT}))


def may_keep_words(user: Person) -> bool:
    """Synonyms change everybody's search: a customer-service manager's, of any estate."""
    return bool(reach_of(user, {Role.MANAGER}))


def numbers_within(user: Person) -> Reach:
    """Whose number registers the person may read."""
    return reach_of(user, {Role.MANAGER, Role.ARCHIVIST, Role.AUDITOR})


def may_decide(user: Person, review: CaseReview) -> bool:
    """Whoever holds the step, unless it is his own version and nobody else stands behind it."""
    return holds_step(user, review) and not is_author_alone(user, review)


def holds_step(user: Person, review: CaseReview) -> bool:
    """The manager of the estate at the first step, the department fixed in the review at the second."""
    if review.department is None:
        return reach_of(user, {Role.MANAGER}).covers(review.estate_id)
    return reach_for_department(user, review.department).covers(review.estate_id)


def is_author_alone(user: Person, review: CaseReview) -> bool:
    """Did the person write this version, and is there no other step that a second person confirms?"""
    return not review.open_to_authors and review.authors.filter(pk=user.pk).exists()


def reviews_to_decide(user: Person) -> Q:
    """`may_decide`, as a condition on `CaseReview` rows."""
    reaches = [(reach_of(user, {Role.MANAGER}), Q(department=None))]
    reaches += [(reach_for_department(user, d), Q(department=d)) for d in departments_of(user)]
    held = either(reach.q("estate") & condition for reach, condition in reaches if reach)
    return held & (Q(open_to_authors=True) | ~Q(authors=user.pk))
