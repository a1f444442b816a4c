"""Discord's own description of its interface, to check requests against where somebody has it at hand."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SETTING = "DISCORD_OPENAPI"


class Description:
    """The description in a file, which is no part of this project."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Take the description, as parsed from its JSON."""
        schemas = document["components"]["schemas"]
        # The library sends ids as numbers too, which Discord takes.
        schemas["SnowflakeType"] = {"type": ["string", "integer"]}
        self._document = document
        self._paths = {_shape(path): operations for path, operations in document["paths"].items()}
        self._validators = cache(self._validator)

    def faults(self, method: str, route: str, body: Any) -> list[str]:
        """Return what is wrong with the body of a request to a route, by the description."""
        validator = self._validators(method.lower(), _shape(route))
        if validator is None:
            return [f"not described: {method} {route}"]
        return [f"{route} {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]

    def _validator(self, method: str, shape: str) -> Draft202012Validator | None:
        operation = self._paths.get(shape, {}).get(method)
        if operation is None:
            return None
        content = operation["requestBody"]["content"]
        schema = content.get("application/json", next(iter(content.values())))["schema"]
        return Draft202012Validator({**schema, "components": self._document["components"]})


def _shape(path: str) -> str:
    """Return a path with its parameters unnamed: they are called otherwise elsewhere."""
    return "/".join("{}" if part.startswith(("{", "@original")) else part for part in path.split("/"))


def description_at_hand() -> Description | None:
    """Return the description in the file that the environment names, if it names one."""
    path = os.environ.get(SETTING)
    return Description(json.loads(Path(path).read_text(encoding="utf-8"))) if path else None
