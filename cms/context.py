from __future__ import annotations

from django.http import HttpRequest

from archives.policies import may_find, may_read_register
from casebook.policies import PROJECT_READERS, may_see_measures, numbers_within
from estates.access import reach_of
from estates.roles import CUSTOMER_SERVICE, Role
from magazine.policies import may_get_digests, may_read_mailings


def workbench(request: HttpRequest) -> dict[str, object]:
    """What the frame of every workbench page asks about the person: which entries to show."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.path.startswith("/admin/"):
        return {}
    return {
        "may_file": bool(reach_of(user, {Role.EDITOR, Role.MANAGER})),
        "may_manage": bool(reach_of(user, {Role.MANAGER})),
        "may_find_customers": may_find(user),
        "may_read_register": bool(may_read_register(user)),
        "may_see_projects": bool(reach_of(user, PROJECT_READERS)),
        "may_see_measures": may_see_measures(user),
        "may_read_numbers": bool(numbers_within(user)),
        "may_read_mailings": may_read_mailings(user),
        "may_get_digests": may_get_digests(user),
        "may_use_admin": bool(reach_of(user, CUSTOMER_SERVICE)) or user.is_superuser,
    }
