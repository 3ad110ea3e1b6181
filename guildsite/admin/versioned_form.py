"""Edit conflicts in the admin."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guilds.edit_conflict import VersionField
from guilds.models import Guild


class VersionedForm(forms.ModelForm):
    """A form for a guild's row that doesn't overwrite what someone else has saved since the page was opened."""

    version = VersionField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.guild: Guild = self.instance if isinstance(self.instance, Guild) else self.instance.guild
        self.initial["version"] = self.version_in(self.guild)

    def version_in(self, guild: Guild) -> str:
        """Return the version of what the form changes."""
        raise NotImplementedError

    def clean_version(self) -> str:
        """Lock the guild and compare the version."""
        version: str = self.cleaned_data["version"]
        if version != self.version_in(Guild.objects.select_for_update(no_key=True).get(pk=self.guild.pk)):
            raise forms.ValidationError(_("Someone else saved first. Reload the page and make your changes again."))
        return version
