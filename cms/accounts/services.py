"""What is done to accounts: passwords changed and recovered, links given, accounts shut."""

from __future__ import annotations

from axes.utils import reset as forgive_failures
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from wagtail.log_actions import log
from wagtail.models import Page

from cms.accounts.links import password_link
from cms.accounts.mails import send_link
from estates.models import User

MOST_ACCOUNTS = 5


@transaction.atomic
def set_own_password(*, user: User, password: str) -> User:
    """By the person: every other session ends, links that were not used die, a lock-out is over."""
    row = User.objects.select_for_update().get(pk=user.pk)
    row.set_password(password)
    row.must_change_password = False
    row.sign_in_epoch += 1
    row.save(update_fields=["password", "must_change_password", "sign_in_epoch"])
    forgive_failures(username=row.get_username())
    log(instance=row, action="accounts.password_set", user=row)
    return row


def ask_for_link(*, written: str) -> None:
    """Mail a link to the accounts that the written name or address means. Says nothing, whatever there is."""
    named = Q(username=written) | Q(email__iexact=written)
    found = User.objects.filter(named, is_active=True).exclude(email="").values_list("pk", flat=True)
    for pk in [*found[:MOST_ACCOUNTS]] or [0]:
        send_link.enqueue(pk)


@transaction.atomic
def issue_link(*, user: User, by: User) -> str:
    """A link for somebody without a mailbox, to be handed over by an administrator. It ends the sessions and the
    earlier links of the account. Raises PermissionDenied."""
    if not (by.is_active and by.is_superuser) or not user.is_active:
        raise PermissionDenied
    end_sessions(user)
    log(instance=user, action="accounts.link_issued", user=by)
    return password_link(user)


def end_sessions(user: User) -> None:
    """All sessions and unused links of the account are over."""
    User.objects.filter(pk=user.pk).update(sign_in_epoch=F("sign_in_epoch") + 1)
    user.refresh_from_db(fields=["sign_in_epoch"])


@transaction.atomic
def deactivate(*, user: User, by: User) -> int:
    """Shut the account: nobody signs in with it, its sessions and links end, pages that it locked are free again; the
    records keep its name. Returns how many pages were freed. Raises PermissionDenied; one does not shut oneself out.
    """
    if not (by.is_active and by.is_superuser) or user.pk == by.pk:
        raise PermissionDenied
    row = User.objects.select_for_update().get(pk=user.pk)
    row.is_active = False
    row.save(update_fields=["is_active"])
    end_sessions(row)
    locked = Page.objects.filter(locked=True, locked_by=row)
    freed = locked.update(locked=False, locked_by=None, locked_at=None)
    log(instance=row, action="accounts.deactivated", user=by)
    return freed
