"""The check of translations."""

from babel.messages.catalog import Catalog
from django.utils import translation
from django.utils.translation import gettext, ngettext

from releases.translations import check


def test_a_text_without_a_translation_is_a_problem() -> None:
    texts = Catalog()
    texts.add("Save")
    assert list(check("fr", texts)) == []
    texts.add("Nobody has translated this")
    (problem,) = check("fr", texts)
    assert problem == "locale/fr/LC_MESSAGES/django.po: missing: 'Nobody has translated this'"


def test_french_has_its_own_plural_rule() -> None:
    with translation.override("fr"):
        assert gettext("Save") == "Enregistrer"
        counted = [ngettext("%(n)s member", "%(n)s members", n) % {"n": n} for n in (0, 1, 2)]
    assert counted == ["0 membre", "1 membre", "2 membres"]
