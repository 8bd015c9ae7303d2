"""Discord's own description of its API (OpenAPI), as a judge of bodies; where it is beside the repository."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.testing.simulator import SeenCall

SPEC = Path(__file__).parents[3] / "shared" / "specs" / "discord-openapi.json"
Schema = Mapping[str, Any]
KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


@cache
def described() -> Any:
    """The whole description; skips the test where it is not there."""
    if not SPEC.exists():
        pytest.skip("Discord's own description is not beside the repository")
    return json.loads(SPEC.read_text("utf-8"))


def schemas() -> Any:
    return described()["components"]["schemas"]


@cache
def operations() -> dict[str, Any]:
    """``"GET /channels/{}"`` → what is described of it."""
    return {
        f"{method.upper()} {hollow(path)}": {**told}
        for path, methods in described()["paths"].items()
        for method, told in methods.items()
        if method != "parameters"
    }


def hollow(path: str) -> str:
    """A route without the names of what stands in its braces."""
    return re.sub(r"{\w+}", "{}", path).replace("/webhooks/{}/{}/messages/{}", "/webhooks/{}/{}/messages/{}")


def answer_schema(endpoint: str, status: int) -> Schema | None:
    """How a route's answer looks; None where no body is described."""
    responses = operations()[hollow(endpoint)]["responses"]
    found = responses.get(str(status)) or responses.get("4XX")
    if "$ref" in found:
        found = described()["components"]["responses"][found["$ref"].rpartition("/")[2]]
    return next((kind["schema"] for kind in found.get("content", {}).values()), None)


def body_schema(endpoint: str) -> Schema | None:
    """How the JSON of a request to a route looks; None where it has none."""
    content = operations()[hollow(endpoint)].get("requestBody", {}).get("content", {})
    return content["application/json"]["schema"] if "application/json" in content else None


def asked_otherwise(calls: Sequence[SeenCall]) -> list[str]:
    """Bodies of requests that are not as described; none where the description is not there."""
    if not SPEC.exists():
        return []
    return [
        f"{call.endpoint}: {mismatch}"
        for call in calls
        if call.body.startswith(b"{") and hollow(call.endpoint) in operations()
        if (schema := body_schema(call.endpoint)) is not None
        for mismatch in mismatches(json.loads(call.body), schema)
    ]


def mismatches(value: Any, schema: Schema, at: str = "body") -> Iterator[str]:
    """Everything in which a value is not as described: kinds, required keys, bounds, alternatives."""
    if "$ref" in schema:
        schema = schemas()[schema["$ref"].rpartition("/")[2]]
    yield from mistyped(value, schema, at)
    for part in schema.get("allOf", ()):
        yield from mismatches(value, part, at)
    options = schema.get("oneOf") or schema.get("anyOf")
    if options and schema.get("type") not in ("integer", "string"):
        tried = [list(mismatches(value, option, at)) for option in options]
        if all(tried):
            yield min(tried, key=len)[0] + f" (the nearest of {len(tried)} alternatives)"
    if isinstance(value, dict):
        for key in schema.get("required", ()):
            if key not in value:
                yield f"{at}.{key}: missing"
        for key, inner in schema.get("properties", {}).items():
            if key in value:
                yield from mismatches(value[key], inner, f"{at}.{key}")
    if isinstance(value, list) and "items" in schema:
        for index, one in enumerate(value):
            yield from mismatches(one, schema["items"], f"{at}.{index}")


def mistyped(value: Any, schema: Schema, at: str) -> Iterator[str]:
    """Where the value itself is of another kind or size."""
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else list(kind or ())
    wanted = tuple(KINDS[one] for one in kinds)
    whole = isinstance(value, bool) and "boolean" not in kinds
    if kinds and (whole or not isinstance(value, _flat(wanted))):
        yield f"{at}: {type(value).__name__} where {kind} is described"
        return
    if schema.get("format") == "snowflake" and not str(value).isdigit():
        yield f"{at}: {value!r} is no snowflake"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str | list):
        least = schema.get("minLength", schema.get("minItems", 0))
        most = schema.get("maxLength", schema.get("maxItems", len(value)))
        if not least <= len(value) <= most:
            yield f"{at}: {len(value)} long, {least} to {most} are described"
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get(
        "maximum", value
    ):
        yield f"{at}: {value} is out of bounds"


def _flat(kinds: tuple[Any, ...]) -> tuple[type, ...]:
    return tuple(one for kind in kinds for one in (kind if isinstance(kind, tuple) else (kind,)))
