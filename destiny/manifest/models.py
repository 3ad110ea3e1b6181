"""The tables of Bungie's manifest: its editions, their definitions, and the content files that were kept."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Value
from django.utils.translation import gettext_lazy as _

LONGEST_PROBLEM = 300


class Edition(models.Model):
    """A version of the manifest, in all languages of the site. At most one is current: the one that pages read."""

    class State(models.TextChoices):
        LOADING = "LOADING", _("loading")
        CURRENT = "CURRENT", _("current")
        PREVIOUS = "PREVIOUS", _("previous")
        REFUSED = "REFUSED", _("refused")

    # In the names of tables, see partitions.
    id = models.AutoField(primary_key=True)
    version = models.CharField(_("version"), max_length=100)
    # Bungie can change a file without a new version, never without a new path.
    paths = models.JSONField(_("paths"), help_text=_("The content file of each language."))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.LOADING)
    counts = models.JSONField(
        _("counts"), default=dict, blank=True, help_text=_("Stored definitions by language and table.")
    )
    problem = models.CharField(_("problem"), max_length=LONGEST_PROBLEM, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    current_since = models.DateTimeField(_("current since"), null=True, blank=True)

    class Meta:
        verbose_name = _("edition of the manifest")
        verbose_name_plural = _("editions of the manifest")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("state",), condition=models.Q(state="CURRENT"), name="edition_one_is_current"
            ),
        )

    def __str__(self) -> str:
        return self.version

    @property
    def languages(self) -> list[str]:
        """The languages whose definitions are stored."""
        return list(self.counts)


class Definition(models.Model):
    """A definition of an edition in a language. The table has a partition for each edition (decision 57)."""

    pk = models.CompositePrimaryKey("edition_id", "language", "table", "key")
    edition = models.ForeignKey(
        # Without a constraint: PostgreSQL would look the edition up for each row that is copied.
        Edition,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    language = models.CharField(max_length=8)
    table = models.CharField(max_length=80)
    key = models.CharField(max_length=120, help_text=_("As in Bungie's JSON: the hash, or the name of a statistic."))
    hash = models.BigIntegerField(null=True, blank=True, help_text=_("Unsigned; none for statistics."))
    name = models.CharField(max_length=300, blank=True)
    words = SearchVectorField(null=True, blank=True)
    definition = models.JSONField()

    class Meta:
        db_table = "destiny_manifest"
        verbose_name = _("definition")
        verbose_name_plural = _("definitions")
        # Each partition has its own.
        indexes = (
            models.Index(fields=("hash",), name="destiny_manifest_hash"),
            GinIndex(fields=("words",), name="destiny_manifest_words"),
        )

    def __str__(self) -> str:
        return self.name or self.key


class ManifestFile(models.Model):
    """An SQLite file of an edition in a language, in the file system or in an object store."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="files")
    language = models.CharField(_("language"), max_length=8)
    name = models.CharField(_("name"), max_length=200, unique=True)
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField("SHA-256", max_length=64)
    fetched_at = models.DateTimeField(_("fetched"))
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)

    class Meta:
        db_table = "manifest_files"
        verbose_name = _("content file")
        verbose_name_plural = _("content files")
        ordering = ("edition", "language")
        constraints = (models.UniqueConstraint(fields=("edition", "language"), name="manifest_file_once_per_language"),)

    def __str__(self) -> str:
        return self.name


def has_words(query: str) -> Func:
    """Return the condition for definitions whose words match the text of a `tsquery`."""
    template = "(%(expressions)s::tsquery)"
    return Func(F("words"), Value(query), template=template, arg_joiner=" @@ ", output_field=models.BooleanField())


def text_at(path: str) -> Func:
    """Return the expression for a text in the JSON of a definition, such as that at "inventory,tierTypeName"."""
    where = Value("{" + path + "}")
    template = "(%(expressions)s::text[])"
    return Func(F("definition"), where, template=template, arg_joiner=" #>> ", output_field=models.TextField())
