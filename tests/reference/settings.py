"""settings.md: every `KRD_*` variable with its default and its meaning."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from collector.configuration import settings
from tests.reference.markdown import code, page, table, unwrapped
from tests.reference.schema_words import takes


def page_of_settings() -> str:
    variables = list(variables_of(settings.Settings, "KRD"))
    return page(
        "Settings of the process",
        (
            "What is promised stands in files ([files.md](files.md)); these variables say how the process runs. "
            "Options of the command line win over variables, variables over a folder of secrets, these over the defaults. "
            "A misspelt name below a section (`KRD_WEB__LISTNE`) is refused."
        ),
        table(("variable", "takes", "default", "meaning"), variables),
        (
            f"`{settings.SECRETS_DIR}` names a folder whose files are settings: its file `KRD_DATABASE__URL` (any case) holds "
            "what the variable would. A folder that is not there is refused."
        ),
        (
            "krd also reads `NO_COLOR` (when it is not empty, nothing is coloured). The checkout's own commands read "
            "`KRD_PROMETHEUS`, a Prometheus program for the demo and the tests, `KRD_ALERTMANAGER`, an Alertmanager for the tests, and `KRD_TEST_PG_URL`, a superuser's URL of a "
            "PostgreSQL for the tests."
        ),
    )


def variables_of(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    """Give (variable, what it takes, default, meaning) of every setting, sections unfolded."""
    separator = "_" if prefix == "KRD" else "__"
    for name, field in model.model_fields.items():
        variable = f"{prefix}{separator}{name.upper()}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from variables_of(field.annotation, variable)
            continue
        yield code(variable), _takes(model, name), _default(field), unwrapped(field.description)


def _takes(model: type[BaseModel], name: str) -> str:
    return takes(model.model_json_schema()["properties"][name])


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None:
        return ""
    shown = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return code(str(shown).lower() if isinstance(shown, bool) else shown)
