"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    """The app `sync`; connects the signal of signing in."""

    name = "sync"
    verbose_name = _("Sync")

    def ready(self) -> None:
        from accounts.personal_data import register
        from guilds import update_states
        from sync.destiny import receivers as destiny_receivers  # noqa: F401
        from sync.destiny.kinds import KINDS as DESTINY_KINDS
        from sync.destiny.provider import bungie
        from sync.engine import kinds, providers
        from sync.personal_data import SECTION
        from sync.wow import receivers  # noqa: F401
        from sync.wow.kinds import KINDS
        from sync.wow.provider import blizzard
        from sync.wow.update_states import checks_of_members, state_of_player, states_of_jobs, states_of_member

        providers.register("blizzard", blizzard)
        providers.register("bungie", bungie)
        kinds.register((*KINDS, *DESTINY_KINDS))
        register(SECTION)
        update_states.register(states_of_jobs, checks_of_members, state_of_player, states_of_member)
