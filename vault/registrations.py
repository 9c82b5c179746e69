"""Everything that the vault registers with others, one line each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from running.acts import Act, Daily, by_command, register_act

ANCHOR = "anchor_registers"
register_act(Act(ANCHOR, _("登记册存证"), by_command(ANCHOR), Daily(0, 20), commands=(ANCHOR,)))
