"""A secret that is only ever written down by reference, and read at the moment it is used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from connectors.secret_file import SECRET_BYTES, secret_file


class SecretUnavailable(Exception):
    """The place a secret reference points to has nothing to give; the text names the place, never the content."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Points to a secret: an environment variable or a file. `repr` and `str` show the place only.

    Files are read anew at every `reveal`, so that rotated credentials are picked up without a restart; one that is being
    rewritten is not used before its writer is done (`connectors.secret_file`).
    """

    place: str
    kind: str  # "env" | "file"

    def reveal(self) -> str:
        """Give the secret itself, stripped of the one line end that editors and `kubectl` leave.

        Raises `SecretUnavailable` when the variable is unset or empty, or the file is missing, unreadable, empty, or
        larger than `SECRET_BYTES`.
        """
        text = self._from_environment() if self.kind == "env" else self._from_file()
        if not text:
            raise SecretUnavailable(f"the secret {self} is empty")
        return text

    def _from_environment(self) -> str:
        try:
            return os.environ[self.place]
        except KeyError:
            raise SecretUnavailable(f"the environment variable {self.place} is not set") from None

    def _from_file(self) -> str:
        try:
            return secret_file(self.place).read()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretUnavailable(
                f"the secret file {self.place} cannot be read: {_reason(error)}"
            ) from None
        except ValueError:
            raise SecretUnavailable(
                f"the secret file {self.place} is larger than {SECRET_BYTES} bytes"
            ) from None

    def __str__(self) -> str:
        return f"{{{self.kind}: {self.place}}}"

    __repr__ = __str__

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._validate)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "title": "Secret",
            "description": "A secret by reference: {env: NAME} or {file: path}. Never the secret itself.",
            "oneOf": [
                {
                    "type": "object",
                    "properties": {key: {"type": "string", "minLength": 1}},
                    "required": [key],
                    "additionalProperties": False,
                }
                for key in ("env", "file")
            ],
        }

    @classmethod
    def _validate(cls, value: Any) -> Secret:
        if isinstance(value, Secret):
            return value
        if isinstance(value, dict) and len(value) == 1:
            ((kind, place),) = value.items()
            if kind in ("env", "file") and isinstance(place, str) and place:
                return cls(place=place, kind=kind)
        # The value itself must never enter the message: it may be the secret.
        raise PydanticCustomError(
            "secret_by_reference",
            "a secret is written by reference: {env: NAME} or {file: path}, never as text",
        )


def _reason(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not UTF-8 text"
