"""The forms of rules, of the list of members who are away, and of leaves."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from characters.models import Character
from guilds.away.models import LONGEST_NAME, LONGEST_REASON
from guilds.away.rule import Action, Measure
from guilds.away.services import COLUMNS
from guilds.edit_conflict import version_of
from guilds.member_names import members_named
from guilds.models import GUILD_MASTER_RANK, LOWEST_RANK, Guild, RosterRule, TodoItem
from guilds.multiline_field import MultilineField
from guilds.ranks import rank_name

LONGEST_DAYS = 3650
LONGEST_LEAVE_DAYS = 366
MOST_EXEMPT = 200
LEVELS = range(GUILD_MASTER_RANK + 1, LOWEST_RANK + 1)
# What a new rule can start from, by the value of `like` in the query string.
EXAMPLES: dict[str, dict[str, Any]] = {
    "warn": {"name": _("Away for 30 days"), "action": Action.WARN, "measure": Measure.NOT_SEEN, "days": 30},
    "remove": {"name": _("Away for 90 days"), "action": Action.REMOVE, "measure": Measure.NOT_SEEN, "days": 90},
    "promote": {"name": _("60 days in the guild"), "action": Action.PROMOTE, "measure": Measure.IN_GUILD, "days": 60},
}


def rank_choices(ranks: Mapping[int, str]) -> list[tuple[str, str]]:
    """Return all ranks but the guild master's."""
    return [(str(level), rank_name(ranks, level)) for level in LEVELS]


class RankField(forms.TypedChoiceField):
    """One of the guild's ranks, or none."""

    def __init__(self, ranks: Mapping[int, str], **options: Any) -> None:
        choices = [("", "–"), *rank_choices(ranks)]
        super().__init__(choices=choices, coerce=int, empty_value=None, required=False, **options)


class RuleForm(forms.Form):
    """The terms of a roster rule. `exempt` becomes the characters with these names."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, help_text=_("Also the reason of the to-do items that come from it.")
    )
    measure = forms.ChoiceField(
        label=_("Members who are"),
        choices=[(Measure.NOT_SEEN, _("Not seen for some days")), (Measure.IN_GUILD, _("In the guild for some days"))],
        widget=forms.RadioSelect,
    )
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=LONGEST_DAYS)
    per_player = forms.TypedChoiceField(
        label=_("Counted for"),
        choices=[("1", _("Players, over all their characters in the guild")), ("0", _("Each character alone"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        help_text=_("Characters belong to a player who has signed in, or by officers' alt notes."),
    )
    action = forms.ChoiceField(
        label=_("What to do"),
        choices=[(value, capfirst(label)) for value, label in Action.choices],
        widget=forms.RadioSelect,
        help_text=_("Nothing happens automatically: matching members are listed, and officers put them on the to-do."),
    )
    below_level = forms.IntegerField(
        label=_("Only below level"), min_value=2, max_value=999, required=False, help_text=_("Empty for every level.")
    )
    joined_within = forms.IntegerField(
        label=_("Exempt: joined within so many days"), min_value=1, max_value=LONGEST_DAYS, required=False
    )
    exempt = MultilineField(
        label=_("Exempt: these members"),
        required=False,
        max_length=64 * MOST_EXEMPT,
        help_text=_(
            "One name per line, or separated by commas. All characters of the player are exempt. Members on leave "
            "always are."
        ),
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
    )
    version = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    previewed = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    field_order = ("name", "measure", "days", "per_player", "action", "to_rank", "ranks", "below_level")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        guild: Guild,
        ranks: Mapping[int, str],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={"per_player": "1", "ranks": list(map(str, LEVELS)), **(initial or {})})
        self.guild = guild
        self.fields["to_rank"] = RankField(ranks, label=_("To rank"), help_text=_("For promotions and demotions."))
        self.fields["ranks"] = forms.TypedMultipleChoiceField(
            label=_("Of these ranks"), choices=rank_choices(ranks), coerce=int, widget=forms.CheckboxSelectMultiple
        )
        self.order_fields(self.field_order)

    def clean_exempt(self) -> list[Character]:
        """Return the characters with these names, found in one statement."""
        return [member.character for member in members_named(self.guild, self.cleaned_data["exempt"])]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("action") in (Action.PROMOTE, Action.DEMOTE):
            if given.get("to_rank") is None and "to_rank" not in self.errors:
                self.add_error("to_rank", gettext("Choose a rank."))
        else:
            given["to_rank"] = None
        return given

    def terms(self) -> dict[str, Any]:
        """Return the columns of the rule."""
        return {name: self.cleaned_data[name] for name in COLUMNS}

    def digest(self) -> str:
        """Return what stands for the terms: a preview is of these and no others."""
        return version_of([self.terms(), sorted(str(one.pk) for one in self.cleaned_data["exempt"])])

    @property
    def is_previewed(self) -> bool:
        previewed: str = self.cleaned_data["previewed"]
        return previewed == self.digest()


def initial_of(rule: RosterRule, exempt: list[Character], guild: Guild) -> dict[str, Any]:
    """Return the values with which the form of a rule opens. Exempt characters must have their realm loaded."""
    names = [one.name if one.realm_id == guild.realm_id else f"{one.name}-{one.realm.name}" for one in exempt]
    return {
        **{name: getattr(rule, name) for name in COLUMNS},
        "per_player": "1" if rule.per_player else "0",
        "ranks": list(map(str, rule.ranks)),
        "exempt": "\n".join(sorted(names)),
    }


class AddTodoForm(forms.Form):
    """The to-do items for the ticked members: as their rules say, or as the officer chooses."""

    kind = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=[("", _("As the rules say")), *((value, capfirst(label)) for value, label in TodoItem.Kind.choices)],
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST_REASON, required=False, help_text=_("Empty for the name of the rule.")
    )
    field_order = ("kind", "to_rank", "reason")

    def __init__(self, data: Mapping[str, Any] | None = None, *, ranks: Mapping[int, str]) -> None:
        super().__init__(data)
        self.fields["to_rank"] = RankField(ranks, label=_("To rank"), help_text=_("For promotions and demotions."))
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("kind") in (TodoItem.Kind.PROMOTE, TodoItem.Kind.DEMOTE) and given.get("to_rank") is None:
            self.add_error("to_rank", gettext("Choose a rank."))
        return given


class LeaveForm(forms.Form):
    """A time in which somebody is away, both days included."""

    starts_on = forms.DateField(label=_("Away from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("To, inclusive"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON, required=False, help_text=_("Optional."))

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"starts_on": timezone.localdate()})

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last:
            if last < first:
                self.add_error("ends_on", gettext("Enter a day that is not before the first."))
            elif last < timezone.localdate():
                self.add_error("ends_on", gettext("This is over. Enter today or a later day."))
            elif (last - first).days > LONGEST_LEAVE_DAYS:
                self.add_error("ends_on", gettext("Enter at most a year."))
        return given
