from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from tqdm import tqdm

from casebook.models import CasePage
from cms.sample_archive_life import load_archive_life
from cms.sample_data import PASSWORD, accounts, load_cases, load_people
from cms.sample_dossiers import load_dossiers
from cms.sample_magazine import load_magazine
from cms.sample_reviews import load_reviews
from estates.models import User

SAMPLES = 60


class Command(BaseCommand):
    help = "Load the sample company, unless there are cases already; print the address and the accounts."

    def handle(self, *args: object, **options: object) -> None:
        if not CasePage.objects.exists():
            with tqdm(total=SAMPLES, desc=_("样例"), disable=None) as bar:
                load_cases(bar.update)
            company, staff, estates = load_people()
            load_reviews(company, staff, estates[4], estates[5])
            archivist = User.objects.get(username="archivist")
            load_dossiers(staff.editor, archivist, estates)
            load_archive_life(staff.editor, archivist, estates)
            load_magazine(staff.editor, staff.manager, estates)
        self.stdout.write(f"\n  {settings.SITE_URL}\n")
        for username, roles in accounts():
            self.stdout.write(f"  {username:<12}{PASSWORD:<18}{roles}")
        self.stdout.write("")
