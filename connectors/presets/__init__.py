"""Presets: recipes for ticket systems and the like, one YAML file each; the name of the file is the `kind` of a source.

A file that cannot be used is refused with its name, its line where there is one, and what to correct.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from connectors.api import ConnectorKind
from connectors.http_json_preset import Preset

_END = ".yaml"


class PresetMistake(Exception):
    """A preset that cannot be used; the text says which, why, and what to correct."""


def names(folder: Traversable | None = None) -> list[str]:
    """Name the presets of a folder (krd's own without one), in alphabetical order."""
    files = (folder or resources.files(__name__)).iterdir()
    return sorted(file.name.removesuffix(_END) for file in files if file.name.endswith(_END))


@cache
def load(name: str, folder: Traversable | None = None) -> ConnectorKind:
    """Make the kind of source that a preset describes. Raises `PresetMistake`."""
    file = (folder or resources.files(__name__)) / f"{name}{_END}"
    try:
        written = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))
        return Preset.model_validate(written).as_kind(name)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or type(error).__name__
        raise PresetMistake(f"{name}{_END}{line}: {said}; correct the YAML") from None
    except UnicodeDecodeError:
        raise PresetMistake(f"{name}{_END} is not UTF-8 text; save it as UTF-8") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise PresetMistake(f"{name}{_END}, {place}: {first['msg']}; correct the preset") from None
