"""Fault injection."""

import time

import pytest
import requests

from tests.sandbox.client import CREDENTIALS, Client, Json

INDEX = "/data/wow/realm/index"
GUILD = "/data/wow/guild/tarn-hollow/gravel-orchard"


def test_a_status_applies_only_to_the_paths_it_names(sandbox: Client) -> None:
    sandbox.control("faults", {"path": "/data/wow/guild/", "status": 500})
    assert sandbox.api(GUILD).status_code == 500
    assert sandbox.api(f"/eu{GUILD}").status_code == 500
    assert sandbox.api(INDEX, "dynamic-eu").status_code == 200


def test_a_path_can_be_a_regular_expression(sandbox: Client) -> None:
    sandbox.control("faults", {"path": ".*/roster$", "status": 503})
    assert sandbox.api(f"{GUILD}/roster").status_code == 503
    assert sandbox.api(GUILD).status_code == 200


def test_a_fault_applies_at_most_times_times(sandbox: Client) -> None:
    sandbox.control("faults", {"path": "/data", "status": 503, "times": 2})
    assert [sandbox.api(GUILD).status_code for _ in range(3)] == [503, 503, 200]


def test_a_share_applies_to_the_same_requests_each_time(sandbox: Client) -> None:
    runs = []
    for _ in range(2):
        sandbox.control("reset", {})
        sandbox.control("faults", {"path": "/data", "status": 500, "share": 0.5})
        runs.append([sandbox.api(INDEX, "dynamic-eu").status_code for _ in range(40)])
    assert runs[0] == runs[1]
    assert 10 <= runs[0].count(500) <= 30


@pytest.mark.parametrize("body", ["truncated", "html", "empty"])
def test_a_corrupt_body_is_not_json(sandbox: Client, body: str) -> None:
    sandbox.control("faults", {"path": "/data", "body": body})
    answer = sandbox.api(GUILD)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_mistyped_body_has_the_right_keys_and_the_wrong_values(sandbox: Client) -> None:
    right = sandbox.api(GUILD).json()
    sandbox.control("faults", {"path": "/data", "body": "mistyped"})
    wrong = sandbox.api(GUILD).json()
    assert wrong.keys() == right.keys()
    assert wrong["id"] == "mistyped"
    assert wrong["name"] == 0


def test_delays_add_up(sandbox: Client) -> None:
    for _ in range(2):
        sandbox.control("faults", {"path": GUILD, "delay_ms": 100})
    before = time.monotonic()
    assert sandbox.api(GUILD).status_code == 200
    assert time.monotonic() - before >= 0.2


def test_a_delay_makes_a_client_time_out(sandbox: Client) -> None:
    sandbox.control("faults", {"path": "/token", "delay_ms": 3000})
    form = {"grant_type": "client_credentials"}
    with requests.Session() as session, pytest.raises(requests.ReadTimeout):
        session.post(f"{sandbox.base_url}/token", data=form, auth=CREDENTIALS, timeout=0.2)


@pytest.mark.parametrize("path", ["/authorize", "/token", "/userinfo"])
def test_signing_in_can_fail_too(sandbox: Client, path: str) -> None:
    sandbox.control("faults", {"path": path, "status": 503, "body": "html"})
    answer = sandbox.get(path)
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/html")


def test_faults_are_listed_and_cleared(sandbox: Client) -> None:
    fault = {"path": GUILD, "status": 500, "times": 3}
    assert sandbox.control("faults", fault)["faults"] == [{**fault, "share": 1.0, "delay_ms": 0, "applied": 0}]
    sandbox.api(GUILD)
    assert sandbox.control("faults")["faults"] == [{**fault, "share": 1.0, "delay_ms": 0, "times": 2, "applied": 1}]
    assert sandbox.session.delete(f"{sandbox.base_url}/_sandbox/faults", timeout=5).json() == {"faults": []}
    assert sandbox.api(GUILD).status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"status": 500},
        {"path": "/"},
        {"path": "(", "status": 500},
        {"path": "/", "body": "purple"},
        {"path": "/", "status": 500, "color": "red"},
        {"path": "/", "status": "500"},
    ],
)
def test_an_invalid_fault_is_refused_with_a_reason(sandbox: Client, fault: Json) -> None:
    answer = sandbox.post("/_sandbox/faults", json=fault)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sandbox.control("faults")["faults"] == []


@pytest.mark.parametrize(("body", "coding"), [("gzip_bomb", "gzip"), ("deflate_bomb", "deflate")])
def test_a_bomb_is_small_until_it_is_decompressed(sandbox: Client, body: str, coding: str) -> None:
    sandbox.control("faults", {"path": "/data", "body": body})
    sandbox.app_token()
    answer = sandbox.api(GUILD, stream=True)
    assert answer.headers["Content-Encoding"] == coding
    assert int(answer.headers["Content-Length"]) < 1_000_000
    assert sum(len(piece) for piece, _ in zip(answer.iter_content(2**20), range(20), strict=False)) == 20 * 2**20
    answer.close()


def test_a_huge_body_does_not_end_soon(sandbox: Client) -> None:
    sandbox.control("faults", {"path": "/data", "body": "huge", "status": 503})
    answer = sandbox.api(GUILD, stream=True)
    assert answer.status_code == 503
    assert sum(len(piece) for piece, _ in zip(answer.iter_content(2**20), range(20), strict=False)) > 10 * 2**20
    answer.close()


def test_a_drip_is_the_right_answer_byte_by_byte(sandbox: Client) -> None:
    right = sandbox.api(GUILD).content
    sandbox.control("faults", {"path": "/data", "body": "drip"})
    answer = sandbox.api(GUILD, stream=True)
    assert b"".join(piece for piece, _ in zip(answer.iter_content(1), range(10), strict=False)) == right[:10]
    answer.close()


def test_a_nested_body_is_too_deep_for_a_parser(sandbox: Client) -> None:
    sandbox.control("faults", {"path": "/data", "body": "nested"})
    with pytest.raises(RecursionError):
        sandbox.api(GUILD).json()


def test_a_mutated_body_is_another_one_each_time_and_the_same_for_the_same_seed(sandbox: Client) -> None:
    runs = []
    for _ in range(2):
        sandbox.control("reset", {})
        sandbox.control("faults", {"path": "/data", "body": "mutated"})
        runs.append([sandbox.api(GUILD).content for _ in range(5)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 5
