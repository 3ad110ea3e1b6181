"""Contents of a definition as sections of labels and values, with links to the definitions that it names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from destiny.manifest.labels import field_label, table_of

Json: TypeAlias = Mapping[str, Any]
# What the head of the page shows, or nobody needs.
HIDDEN = frozenset({"displayProperties", "hash", "index", "blacklisted", "redacted"})
DEEPEST = 4
MOST_SECTIONS, MOST_ROWS, MOST_COLUMNS, MOST_IN_LIST = 40, 100, 6, 50


class Link(NamedTuple):
    """A definition that another one names."""

    table: str
    key: str


Value = str | int | float | bool | Link
Values = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Some properties, or a table of several things of one kind; `left_out` rows of it are not shown."""

    title: str
    properties: tuple[tuple[str, Values], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Values, ...], ...] = ()
    left_out: int = 0


def sections_of(definition: Json) -> list[Section]:
    """Return the sections of a definition, without what is empty."""
    sections = []
    for section in _sections("", {name: value for name, value in definition.items() if name not in HIDDEN}, 0):
        sections.append(section)
        if len(sections) == MOST_SECTIONS:
            break
    return sections


def links_of(sections: Sequence[Section]) -> set[Link]:
    """Return all definitions that the sections name."""
    cells = [values for one in sections for _, values in one.properties]
    cells += [values for one in sections for row in one.rows for values in row]
    return {value for values in cells for value in values if isinstance(value, Link)}


def _sections(title: str, values: Json, depth: int) -> Iterator[Section]:
    plain = [(field_label(name), shown) for name, value in values.items() if (shown := _shown(name, value))]
    if plain:
        # PostgreSQL sorts them by the length of their names.
        yield Section(title, properties=tuple(sorted(plain, key=lambda one: one[0])))
    for name, value in values.items():
        label = _joined(title, field_label(name))
        things = _things(value)
        if things:
            yield from _table(label, things, depth)
        elif isinstance(value, Mapping) and depth < DEEPEST:
            yield from _sections(label, value, depth + 1)


def _joined(title: str, label: str) -> str:
    """Return the title of a part. Bungie often has an object of the same name in an object."""
    if not title or title.endswith(label):
        return title or label
    return f"{title} › {label}"


def _things(value: Any) -> list[Json]:
    """Return several things of one kind: a list of objects, or an object of objects by their hashes."""
    things = list(value.values()) if isinstance(value, Mapping) and all(map(str.isdecimal, value)) else value
    is_list = isinstance(things, list) and bool(things) and all(isinstance(one, Mapping) for one in things)
    return things if is_list else []


def _table(title: str, things: list[Json], depth: int) -> Iterator[Section]:
    """Yield a table of what is plain in the things, or the sections of the only one."""
    if len(things) == 1 and depth < DEEPEST:
        yield from _sections(title, things[0], depth + 1)
        return
    some = things[:MOST_ROWS]
    shown = [{name: cell for name, value in one.items() if (cell := _shown(name, value))} for one in some]
    known = {name: cell for one in shown for name, cell in one.items()}
    # What a row is about comes first.
    names = sorted(known, key=lambda name: (not isinstance(known[name][0], Link), name))[:MOST_COLUMNS]
    if names:
        rows = tuple(tuple(one.get(name, ()) for name in names) for one in shown)
        yield Section(title, (), tuple(map(field_label, names)), rows, len(things) - len(some))


def _shown(name: str, value: Any) -> Values:
    """Return what is shown of a plain value or a list of them; nothing for what is empty, or no value."""
    values = value if isinstance(value, list) else [value]
    table = table_of(name)
    plain = [one for one in values[:MOST_IN_LIST] if isinstance(one, str | int | float) and one != ""]
    if table is None:
        return tuple(plain)
    # 0 names nothing.
    return tuple(Link(table, str(one)) for one in plain if isinstance(one, int) and one)
