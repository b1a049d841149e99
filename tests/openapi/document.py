"""docs/openapi.yaml, read once."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import yaml

ROOT: Final = Path(__file__).parents[2]
DOCUMENT: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))


# Platform and function share these statuses, so the document can't require the function's headers.
_SOMETIMES: Final = {"ms-cv", "www-authenticate"}
_OF_THE_SERVER: Final = {"content-type", "date", "server", "transfer-encoding"}


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    found: Any = DOCUMENT
    for name in part["$ref"].removeprefix("#/").split("/") if "$ref" in part else ():
        found = found[name]
    return part if found is DOCUMENT else found


RESPONSES: Final = {
    int(status): _resolved(response)
    for status, response in DOCUMENT["paths"]["/api/GetArrToken"]["get"]["responses"].items()
}


def examples(media_type: str) -> dict[str, dict[str, Any]]:
    """Return the bodies of all examples of a media type by name; a problem's name is its code."""
    return {
        name: example["value"]
        for response in RESPONSES.values()
        for name, example in response.get("content", {}).get(media_type, {}).get("examples", {}).items()
    }


PROBLEMS: Final = examples("application/problem+json")
TOKENS: Final = examples("application/json")


def violations(status: int, headers: Mapping[str, str], body: Any) -> Iterator[str]:
    """List the parts of a response that the document does not describe; header names are in lower case."""
    response = RESPONSES.get(status, {})
    content = response.get("content", {}).get(headers.get("content-type", "").partition(";")[0])
    if content is None:
        yield f"{status} with {headers.get('content-type')}"
        return
    yield from _errors(content["schema"], body)
    documented = {name.lower(): _resolved(header) for name, header in response["headers"].items()}
    for name, header in documented.items():
        if name in headers:
            value = headers[name]
            number = header["schema"].get("type") == "integer" and value.isdecimal()
            yield from _errors(header["schema"], int(value) if number else value)
        elif name not in _SOMETIMES:
            yield f"no {name}"
    yield from headers.keys() - documented.keys() - _OF_THE_SERVER


def _errors(schema: dict[str, Any], value: Any) -> Iterator[str]:
    return (error.message for error in _validator(json.dumps(schema)).iter_errors(value))


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    rooted = {"components": DOCUMENT["components"], **json.loads(schema)}
    return jsonschema_rs.Draft202012Validator(rooted, validate_formats=True)
