"""The API's documentation: made of its OpenAPI document, with nothing from elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from platestream.service.web.rendering import render_page

router = APIRouter()

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a request may say.

    Attributes:
        name: As it is sent.
        where: In the ``path``, the ``query``, or the ``body``.
        type: In a word or two.
        is_required: Whether it must be there.
        description: What it means.
    """

    name: str
    where: str
    type: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one path does.

    Attributes:
        method: In capitals.
        path: With the names of its parameters in braces.
        paragraphs: What it does.
        fields: What it takes.
        answer: Name of what it answers; empty where that is no JSON.
    """

    method: str
    path: str
    paragraphs: list[str]
    fields: list[Field]
    answer: str


@router.get("/api")
def show(request: Request) -> Response:
    """Everything that a program may ask."""
    document = request.app.openapi()
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = methods[method]
                made = _operation(method, path, operation, document)
                groups.setdefault(operation.get("tags", ["other"])[0], []).append(made)
    about = document["info"].get("description", "").split("\n\n")
    return render_page(request, "api.html", {"groups": groups, "about": about})


def _operation(
    method: str, path: str, operation: Mapping[str, Any], document: Mapping[str, Any]
) -> Operation:
    fields = [
        Field(
            each["name"],
            each["in"],
            _type(each.get("schema", {}), document),
            each.get("required", False),
            each.get("description") or each.get("schema", {}).get("description", ""),
        )
        for each in operation.get("parameters", ())
    ]
    for media in operation.get("requestBody", {}).get("content", {}).values():
        fields += _body(media.get("schema", {}), document)
    text = operation.get("description") or operation.get("summary", "")
    return Operation(method.upper(), path, text.split("\n\n"), fields, _answer(operation))


def _body(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Field]:
    schema = _resolved(schema, document)
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        said = inner.get("description", "")
        yield Field(name, "body", _type(inner, document), name in required, said)


def _answer(operation: Mapping[str, Any]) -> str:
    for status, answer in operation.get("responses", {}).items():
        if status.startswith("2"):
            for media in answer.get("content", {}).values():
                return str(media.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    return ""


def _type(schema: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """What a value is, in a word or two."""
    if "anyOf" in schema:
        inner = [_type(each, document) for each in schema["anyOf"]]
        return " or ".join(dict.fromkeys(inner))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "$ref" in schema:
        inner_schema = _resolved(schema, document)
        has_words = "enum" in inner_schema or inner_schema.get("type") != "object"
        return _type(inner_schema, document) if has_words else schema["$ref"].rpartition("/")[2]
    kind = str(schema.get("format") or schema.get("type", "any"))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}), document)}"
    return {"date-time": "time with zone", "binary": "file", "null": "nothing"}.get(kind, kind)


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    ref = schema.get("$ref")
    if not ref:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][ref.rpartition("/")[2]]
    return found
