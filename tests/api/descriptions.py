"""Comparison of an answer with the schema that describes it."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.test import Client
from openapi_schema_validator import OAS31Validator


@cache
def schema_at(address: str) -> dict[str, Any]:
    """Return the schema at this address."""
    read: dict[str, Any] = json.loads(Client().get(address).content)
    return read


def operations_of(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the path, method and description of each operation."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def problems(schema: dict[str, Any], operation: dict[str, Any], answer: Any) -> list[str]:
    """Return what is wrong with an answer by the description of its operation."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    described = operation["responses"].get(str(answer.status_code))
    if described is None:
        return [f"{answer.status_code} is not described"]
    if "content" not in described:
        return ["content is not described"] if answer.content else []
    if kind not in described["content"]:
        return [f"{kind} is not described"]
    if kind != "application/json":
        return []
    validator = OAS31Validator({**schema, **described["content"][kind]["schema"]})
    return [error.message for error in validator.iter_errors(json.loads(answer.content))]
