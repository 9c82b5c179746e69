"""Everything that the magazine registers with others, one line each."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from archives.consent import register_consent_reader
from exchange.importers import register_importer
from magazine.services.withdrawn import stop_addresses
from magazine.stored_files import stored_files, subscriber_subjects
from magazine.subscriber_import import SubscriberImporter
from media.integrity import register_stored_files
from running.acts import Act, Daily, Every, by_command, register_act
from vault.subjects import register_subjects
from website.footer import FooterLink, register_footer_link

register_importer(SubscriberImporter())
register_stored_files(stored_files)
register_footer_link(FooterLink(_("订阅会刊"), "magazine:subscribe"))
register_footer_link(FooterLink("RSS", "magazine:feed"))
register_consent_reader(stop_addresses)
register_subjects(subscriber_subjects)


def no_bounces() -> str:
    return "" if settings.MAIL_BOUNCES_MAILDIR else gettext("没有设置 MAIL_BOUNCES_MAILDIR，退信没有人收。")


def take_bounces() -> None:
    by_command("take_bounces", "--maildir", settings.MAIL_BOUNCES_MAILDIR)()


DAILY = "magazine_daily"
register_act(Act(DAILY, _("新经验简报"), by_command(DAILY), Daily(6, 0), (DAILY,)))
register_act(Act("take_bounces", _("收退信"), take_bounces, Every(5), ("take_bounces",), no_bounces))
