"""Stripe's OpenAPI, as stripe-mock carries it: what an object of Stripe's may look like."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Set
from functools import cache
from typing import Any, cast

import jsonschema  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]

from payflows.testing.stripe_mock import binary as mock_binary

_NEWER = {"subscription": {"status_details"}}
"""By kind, what the version of Stripe that stripe-mock knows does not have."""


@cache
def validator_of(kind: str) -> Any:  # noqa: ANN401  # jsonschema has no types
    """What says whether an object is one of this kind, such as `payment_intent`."""
    return OpenApiValidator(_openapi() | {"$ref": f"#/components/schemas/{kind}"})


@cache
def validator_of_answer(verb: str, path: str, status: int) -> Any:  # noqa: ANN401  # jsonschema has no types
    """What says whether a body may be answered there, the path as Stripe writes it, such as `/v1/refunds/{refund}`."""
    answers = _openapi()["paths"][path][verb.lower()]["responses"]
    answer = answers.get(str(status), answers["default"])
    return OpenApiValidator(_openapi() | answer["content"]["application/json"]["schema"])


def names_of(kind: str) -> Set[str]:
    """The names of all that an object of this kind may have, also in newer versions."""
    names: Mapping[str, object] = _openapi()["components"]["schemas"][kind]["properties"]
    return names.keys() | _NEWER.get(kind, set())


@cache
def _openapi() -> dict[str, Any]:
    program = mock_binary.find_or_build().read_bytes()
    text = program[program.index(b'{\n  "components": {') :].decode(errors="replace")
    return cast(dict[str, Any], json.JSONDecoder().raw_decode(text)[0])


def _or_null(keyword: str) -> Callable[..., Iterator[Any]]:
    """OpenAPI 3.0 says `nullable: true` beside a keyword where JSON Schema has null among its types."""
    plain = jsonschema.Draft4Validator.VALIDATORS[keyword]

    def check(validator: object, expected: object, seen: object, schema: Mapping[str, object]) -> Iterator[Any]:
        if not (seen is None and schema.get("nullable")):
            yield from plain(validator, expected, seen, schema) or ()

    return check


OpenApiValidator = extend(
    jsonschema.Draft4Validator, {keyword: _or_null(keyword) for keyword in ("type", "enum", "anyOf", "$ref")}
)
