"""The maximum level is the highest one that many members share."""

import pytest

from guilds.max_level import max_level


@pytest.mark.parametrize(
    ("members_by_level", "expected"),
    [
        pytest.param({90: 620, 89: 14, 70: 10, 12: 5}, 90, id="a guild with leveling alts"),
        pytest.param({92: 1, 90: 3, 80: 6}, 90, id="one who reached a new maximum first"),
        pytest.param({82: 19, 80: 900, 79: 80}, 80, id="the first week of an expansion"),
        pytest.param({82: 20, 80: 900, 79: 80}, 82, id="one in fifty has reached it"),
        pytest.param({40: 1, 7: 1}, 40, id="a new guild, whose members have all different levels"),
        pytest.param({0: 5, 60: 1}, 60, id="characters that need a rename have level 0"),
        pytest.param({}, None, id="no members"),
    ],
)
def test_the_maximum_is_the_highest_level_that_many_share(
    members_by_level: dict[int, int], expected: int | None
) -> None:
    assert max_level(members_by_level) == expected
