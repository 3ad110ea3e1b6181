"""Content files are read as Python's own sqlite3 reads them, and refused with one line when they are damaged."""

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destiny.manifest.hashes import LARGEST, read_hash, signed, unsigned
from sync.bungie.content_file import ContentError, open_database, unpack
from sync.bungie.definitions import parse_definition
from tests.destiny.content_files import ITEMS, STATISTICS, VESPER, content_of, database_of, named, tables

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.integers(0, LARGEST))
def test_ids_and_hashes_are_the_same_numbers_both_ways(found: int) -> None:
    assert unsigned(signed(found)) == found
    assert -(2**31) <= signed(found) < 2**31
    assert signed(signed(found)) == signed(found)
    # As a C program casts them.
    assert signed(found).to_bytes(4, "big", signed=True) == found.to_bytes(4, "big")
    assert read_hash(str(found)) == read_hash(str(signed(found))) == found


@given(st.integers(-(2**31), 2**31 - 1))
def test_hashes_and_ids_are_the_same_numbers_both_ways(id_: int) -> None:
    assert 0 <= unsigned(id_) <= LARGEST
    assert signed(unsigned(id_)) == id_
    assert read_hash(str(id_)) == unsigned(id_)
    # As an expression of SQL says it.
    with closing(sqlite3.connect(":memory:")) as database:
        assert database.execute("SELECT ? & 4294967295", [id_]).fetchone() == (unsigned(id_),)


@given(ids=st.sets(st.integers(-(2**31), 2**31 - 1), max_size=20))
def test_the_ids_of_a_file_are_read_as_sqlite_has_them(ids: set[int]) -> None:
    rows: Any = {ITEMS: {unsigned(one): named(f"Item {one}") for one in ids}}
    with TemporaryDirectory() as folder:
        path = database_of(Path(folder, "content"), rows)
        with open_database(path) as ours, closing(sqlite3.connect(path)) as theirs:
            expected = theirs.execute(f"SELECT id, json_extract(json, '$.hash') FROM {ITEMS} ORDER BY id").fetchall()
            read = sorted((key, parse_definition(ITEMS, key, body).hash) for key, body in ours.rows(ITEMS))
    assert read == expected
    assert {id_ for id_, _ in read} == ids


def test_the_documented_pair_of_id_and_hash() -> None:
    assert (unsigned(-2123537791), signed(2171429505)) == (2171429505, -2123537791)


@pytest.mark.parametrize("typed", ["", "-", "x", "4294967296", "-2147483649", "1" * 5000, "１２", "1.5"])
def test_what_is_no_hash_is_none(typed: str) -> None:
    assert read_hash(typed) is None


@given(st.dictionaries(st.integers(0, LARGEST), st.dictionaries(st.text(), JSON, max_size=4), max_size=5))
def test_definitions_are_what_sqlite_has(rows: dict[int, dict[str, Any]]) -> None:
    for key, value in rows.items():
        body = json.dumps(value | {"hash": key})
        read = parse_definition(ITEMS, signed(key), body.encode())
        assert (read.key, read.hash) == (str(key), key)
        stored = json.loads(read.json)
        if "\\u0000" not in body and "\\ud" not in body:
            assert stored == value | {"hash": key}


def test_a_file_is_read_as_sqlite_reads_it(tmp_path: Path) -> None:
    target = tmp_path / "unpacked"
    unpack(io.BytesIO(content_of(tmp_path, tables())), target)
    with open_database(target) as ours, closing(sqlite3.connect(target)) as theirs:
        names = theirs.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        assert ours.tables == [name for (name,) in names]
        for table in ours.tables:
            rows = theirs.execute(f"SELECT * FROM {table}").fetchall()
            assert list(ours.rows(table)) == rows
            assert ours.count(table) == len(rows)
            for key, body in rows:
                read = parse_definition(table, key, body)
                assert json.loads(read.json) == json.loads(body)
                assert read.hash == json.loads(body).get("hash")


def test_statistics_have_texts_as_keys() -> None:
    read = parse_definition(STATISTICS, "activitiesCleared", b'{"statName": "Activities cleared"}\0')
    assert (read.key, read.hash, read.name) == ("activitiesCleared", None, "Activities cleared")


def test_what_postgresql_cannot_store_is_left_out() -> None:
    body = json.dumps({"hash": 1, "a": "x\0y", "b": "\ud800!", "c": "\U0001f30a", "d": "\\u0000"})
    read = parse_definition(ITEMS, 1, body.encode())
    assert json.loads(read.json) == {"hash": 1, "a": "xy", "b": "�!", "c": "\U0001f30a", "d": "\\u0000"}


@pytest.mark.parametrize(
    ("key", "body"),
    [
        (1, b""),
        (1, b"<!DOCTYPE html>"),
        (1, b'{"hash": 1'),
        (1, b"[]"),
        (1, b'{"hash": NaN}'),
        (1, b'{"name": "\xff"}'),
        (1, b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
        (1, None),
        (None, b"{}"),
        (2**40, b"{}"),
        ("x" * 200, b"{}"),
    ],
)
def test_garbled_definitions_are_refused(key: Any, body: Any) -> None:
    with pytest.raises(ContentError, match=r"^DestinyInventoryItemDefinition"):
        parse_definition(ITEMS, key, body)


def test_the_hash_of_another_definition_is_refused() -> None:
    with pytest.raises(ContentError, match="hash of another"):
        parse_definition(ITEMS, signed(VESPER), b'{"hash": 5}')


# --- damaged files ----------------------------------------------------------------------------------------------------


def _zip(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return target.getvalue()


def _broken_in_the_middle(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes(64) + content[middle + 64 :]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("html", "not a complete ZIP"),
        ("empty", "not a complete ZIP"),
        ("truncated", "not a complete ZIP"),
        ("garbled", "not a complete ZIP"),
        ("no member", "0 members"),
        ("two members", "2 members"),
        ("text in it", "not an SQLite database"),
        ("nothing in it", "is empty"),
        ("bomb", "more than 100,000"),
    ],
)
def test_broken_archives_are_refused(tmp_path: Path, name: str, problem: str) -> None:
    good = content_of(tmp_path, tables())
    content = {
        "html": b"<!DOCTYPE html><title>Bungie</title>",
        "empty": b"",
        "truncated": good[: len(good) // 2],
        "garbled": _broken_in_the_middle(good),
        "no member": _zip(),
        "two members": _zip(one=b"1", two=b"2"),
        "text in it": _zip(one=b"SQL" * 10),
        "nothing in it": _zip(one=b""),
        "bomb": _zip(one=bytes(5_000_000)),
    }[name]
    with pytest.raises(ContentError, match=problem):
        unpack(io.BytesIO(content), tmp_path / "target", largest=100_000)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    content = bytearray(content_of(tmp_path, tables()))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    with pytest.raises(ContentError, match="not a complete ZIP"):
        unpack(io.BytesIO(bytes(content)), tmp_path / "target")


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    many: Any = {ITEMS: {number: named(f"Item {number}") for number in range(2000)}}
    path = database_of(tmp_path / "content", many)
    content = bytearray(path.read_bytes())
    content[20_000:30_000] = b"\xff" * 10_000
    path.write_bytes(content)
    with pytest.raises(ContentError, match=r"damaged|can't be read"), open_database(path) as database:
        list(database.rows(ITEMS))


def test_a_cut_database_is_refused(tmp_path: Path) -> None:
    many: Any = {ITEMS: {number: named(f"Item {number}") for number in range(2000)}}
    path = database_of(tmp_path / "content", many)
    path.write_bytes(path.read_bytes()[:40_000])
    with pytest.raises(ContentError, match=r"damaged|can't be read"), open_database(path):
        pass


def test_views_are_no_tables(tmp_path: Path) -> None:
    path = database_of(tmp_path / "content", tables())
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE VIEW DestinyEvilDefinition AS SELECT id, json FROM {ITEMS}")
        database.execute("CREATE TABLE Other (id INTEGER PRIMARY KEY, json BLOB)")
    with open_database(path) as database:
        assert set(database.tables) == set(tables())
