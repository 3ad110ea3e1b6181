"""A member's page, and what officers do there: note something, say whose alt it is, plan a change in the game."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.alt_notes import forget_main, note_main
from guilds.mains.services import NotTheirCharacter, OwnChoiceStands, choose_main_for, take_back_main_for
from guilds.members.forms import NotedMainForm, NoteForm, PlanForm
from guilds.models import Guild, Membership, OfficerNote, PlannedChange
from guilds.notes import services as notes
from guilds.todo import services as plans
from guilds.views import rank_names

LATEST_EVENTS = 20
MANAGE = "guilds.manage_roster"


@guild_page("guilds.view")
def member(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """What the site knows about a member, for members; what officers know, for officers."""
    guild = request.guild
    return _page(request, guild, _member_or_404(guild, character_id))


@guild_page("guilds.write_notes", methods=FORM_METHODS)
def write_note(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Write an officer's note about the character or the person."""
    guild = request.guild
    who = _member_or_404(guild, character_id)
    form = NoteForm(request.POST, member=who)

    def write() -> str:
        text, about_person = form.cleaned_data["text"], form.about_person
        notes.write_note(guild=guild, actor=request.user, membership=who, text=text, about_person=about_person)
        return _("The note is there for those who may read notes.")

    return _handle(request, guild, who, form, write, note_form=form)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def alt_of(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Say whose alt a character is whose player the site does not know; `forget` takes that back."""
    guild = request.guild
    who = _member_or_404(guild, character_id)
    if request.method == "POST" and "forget" in request.POST:
        forget_main(guild=guild, actor=request.user, alt=who)
        return _back(guild, who)
    form = NotedMainForm(request.POST)

    def write() -> str:
        note_main(guild=guild, actor=request.user, alt=who, main_name=form.cleaned_data["main"])
        return _("Saved.")

    return _handle(request, guild, who, form, write, alt_form=form)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def choose_main(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Make the character its owner's main, unless they chose one themselves; `by_rule` takes that back."""
    guild = request.guild
    who = _member_or_404(guild, character_id)
    person = who.character.user
    if request.method == "POST" and person is not None:
        try:
            if "by_rule" in request.POST:
                take_back_main_for(guild=guild, actor=request.user, person=person)
            else:
                choose_main_for(guild=guild, actor=request.user, person=person, membership=who)
        except (OwnChoiceStands, NotTheirCharacter) as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Saved."))
    return _back(guild, who)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def plan_member(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Put a promotion, a demotion or a removal on the guild's plan."""
    guild = request.guild
    who = _member_or_404(guild, character_id)
    form = PlanForm(request.POST, ranks=rank_names(guild))

    def write() -> str:
        planned = plans.plan_changes(guild=guild, actor=request.user, members=[who], **form.terms())
        if planned.refused:
            raise ValidationError(planned.refused)
        return _("It is on the plan. The roster will show when it is done.")

    return _handle(request, guild, who, form, write, plan_form=form)


def _handle(
    request: GuildRequest, guild: Guild, who: Membership, form: Form, write: Callable[[], str], **forms: Form
) -> HttpResponse:
    """Write what was sent and go back, or show the page with what is wrong. Whoever comes without a form goes back."""
    if request.method != "POST":
        return _back(guild, who)
    if form.is_valid():
        try:
            messages.success(request, write())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _back(guild, who)
    return _page(request, guild, who, **forms)


def _page(request: GuildRequest, guild: Guild, who: Membership, **forms: Form) -> HttpResponse:
    may: Callable[[str], bool] = lambda right: request.user.has_perm(right, guild)  # noqa: E731
    ranks = rank_names(guild)
    person = who.character.user
    context: dict[str, Any] = {
        "guild": guild,
        "member": who,
        "character": who.character,
        "person": person,
        "ranks": ranks,
        "is_member": True,
        "others": _others(guild, who),
        "main": _main_of(guild, who),
        "events": guild.timeline.filter(character=who.character).with_people()[:LATEST_EVENTS],
    }
    if may(notes.READ):
        about = Q(about_character=who.character) | Q(about_person=person, about_person__isnull=False)
        found = list(OfficerNote.objects.filter(about, guild=guild).with_people())
        context |= {"notes": found, "changeable": notes.changeable(found, guild, request.user), "reads_notes": True}
    if may(notes.WRITE):
        context["note_form"] = forms.get("note_form") or NoteForm(member=who)
    if may(MANAGE):
        context |= {
            "manages": True,
            "planned": PlannedChange.objects.open().filter(guild=guild, character=who.character).with_people().first(),
            "plan_form": forms.get("plan_form") or PlanForm(ranks=ranks),
            "alt_form": forms.get("alt_form") or NotedMainForm(),
        }
    return render(request, "guilds/member.html", context)


def _main_of(guild: Guild, who: Membership) -> Membership | None:
    """The main of the member's player, if the site knows who that is."""
    if who.character.user_id is None:
        return None
    return guild.memberships.filter(main_of=who.character.user_id).select_related("main_chosen_by").first()


def _others(guild: Guild, who: Membership) -> list[Membership]:
    """The person's other characters in the guild; where Battle.net does not say, those that officers noted."""
    if who.character.user_id is not None:
        same = Q(character__user=who.character.user_id)
    else:
        main = who.noted_main_id or who.pk
        same = Q(pk=main) | Q(noted_main=main)
    found = guild.memberships.filter(same).exclude(pk=who.pk).with_characters()
    return list(found.order_by("rank", "character__name"))


def _member_or_404(guild: Guild, character_id: UUID) -> Membership:
    members = guild.memberships.with_characters().select_related("character__user", "noted_main__character")
    return get_object_or_404(members, character=character_id)


def _back(guild: Guild, who: Membership) -> HttpResponse:
    return redirect("guilds:member", guild, who.character_id)
