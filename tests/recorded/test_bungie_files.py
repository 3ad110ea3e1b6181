"""No recorded answer of Bungie is left unread."""

from pathlib import Path


def test_every_recorded_file_is_read_by_a_test_of_the_site(samples: Path) -> None:
    tests = [*Path(__file__).parent.glob("*.py"), *(Path(__file__).parents[1] / "destiny").rglob("*.py")]
    sources = "".join(one.read_text(encoding="utf-8") for one in tests)
    names = {one.stem for one in samples.rglob("*.json")}
    assert len(names) >= 36
    missing = {one for one in names if one not in sources and one.removeprefix("manifest-response-") not in sources}
    assert missing == set(), "no test reads them"
