"""A preset: a recipe for a well-known system, kept as data, so that a source needs only its address and credentials."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from connectors.api import ConnectorKind, Secret, SourceOptions, TextProblem
from connectors.auth import Address, AuthenticatedOptions
from connectors.http_json import Canary, HttpJsonConnector, Place
from connectors.http_json_recipe import Recipe
from connectors.http_json_text import zone_of


class PresetOptions(SourceOptions):
    """Options of every source that is read by a preset."""

    url: Address | Secret
    """Where people open it in a browser, such as https://tracker.example; or a reference to it."""
    canary: Canary | None = None
    """A query whose answer is known, asked by `krd sources check`."""
    connections: int = Field(default=2, ge=1, le=16)
    """Requests in flight at most."""
    ca_file: Path | None = None
    """Trust this authority (PEM) alone, instead of the system's."""
    client_cert: Path | None = None
    """Our certificate (PEM) for mutual TLS."""
    client_key: Path | None = None
    """Its key, unless it stands in the same file."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        self.authenticated({})
        return self

    def credentials(self) -> dict[str, object]:
        """What is shown to the source, in the words of `AuthenticatedOptions`."""
        return {}

    def further_fields(self) -> frozenset[str]:
        """Names that filters may use beside the preset's own."""
        return frozenset()

    def local_zone(self) -> str | None:
        """Zone in which dates are read there, where the account does not tell."""
        return None

    def authenticated(self, headers: dict[str, str]) -> AuthenticatedOptions:
        """The credentials as `connectors.auth` takes them. Raises `ValueError` when they do not fit together."""
        return AuthenticatedOptions.model_validate(
            {
                "headers": headers,
                "ca_file": self.ca_file,
                "client_cert": self.client_cert,
                "client_key": self.client_key,
                **self.credentials(),
            }
        )


class PasswordOptions(PresetOptions):
    """An address, and a name with its password."""

    user: str | Secret
    """Name of the account that krd uses there."""
    password: Secret
    """Its password."""

    def credentials(self) -> dict[str, object]:
        return {"user": self.user, "password": self.password}


class PublicOrPasswordOptions(PresetOptions):
    """An address, and, unless everybody may read there, a name with its password."""

    user: str | Secret | None = None
    """Name of the account that krd uses there; without one, what everybody may see is counted."""
    password: Secret | None = None
    """Its password."""
    fields: frozenset[str] = frozenset()
    """Names of your own fields that queries filter by."""

    def credentials(self) -> dict[str, object]:
        return {"user": self.user, "password": self.password}

    def further_fields(self) -> frozenset[str]:
        return self.fields


class ZonedOptions(PresetOptions):
    """An address of something that reads dates as the account's clock shows them."""

    zone: str | None = None
    """Zone in which it reads dates, such as `Europe/Berlin`; without it, the account is asked."""

    @field_validator("zone")
    @classmethod
    def _exists(cls, written: str | None) -> str | None:
        if written is not None:
            zone_of(written)
        return written

    def local_zone(self) -> str | None:
        return self.zone


class UserTokenOptions(ZonedOptions):
    """An address, and an account with its API token."""

    user: str | Secret
    """E-mail address of the account that krd uses there."""
    token: Secret
    """Its API token."""

    def credentials(self) -> dict[str, object]:
        return {"user": self.user, "password": self.token}


class TokenOrPasswordOptions(ZonedOptions):
    """An address, and either a personal access token or a name with its password."""

    token: Secret | None = None
    """Personal access token."""
    user: str | Secret | None = None
    """Name of the account that krd uses there, unless there is a token."""
    password: Secret | None = None
    """Its password."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.token is None and self.user is None:
            raise ValueError("add `token`, or `user` and `password`: anonymous counts are too small")
        if self.token is not None and self.user is not None:
            raise ValueError("`token` and `user` exclude each other: remove one")
        return self

    def credentials(self) -> dict[str, object]:
        return {"bearer": self.token, "user": self.user, "password": self.password}


class GithubOptions(PresetOptions):
    """A token; and the address of the API, for GitHub Enterprise."""

    url: Address | Secret = "https://api.github.com"
    """Address of the API; on GitHub Enterprise Server https://HOST/api/v3."""
    token: Secret
    """Access token that may read the repositories."""

    def credentials(self) -> dict[str, object]:
        return {"bearer": self.token}


Credentials = Literal["password", "public_or_password", "user_token", "token_or_password", "github"]
OPTIONS: dict[Credentials, type[PresetOptions]] = {
    "password": PasswordOptions,
    "public_or_password": PublicOrPasswordOptions,
    "user_token": UserTokenOptions,
    "token_or_password": TokenOrPasswordOptions,
    "github": GithubOptions,
}
"""The options of a source, by what a preset says about credentials."""


class Preset(Recipe):
    """The content of one file in `connectors/presets`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    docs: Address
    """Where the system describes the request."""
    credentials: Credentials
    headers: dict[str, str] = Field(default_factory=dict)
    """Sent along with every request."""
    remark: str | None = None
    """What every reading says of itself."""
    hint: str | None = None
    """What to look at when the credentials are refused."""

    probe: str | None = None
    """A query that a check asks where everybody may read, so that there is nobody to prove."""

    @model_validator(mode="after")
    def _proves_itself(self) -> Self:
        if self.health is None:
            raise ValueError("a preset says in `health` how it proves who krd is there")
        if self.credentials == "public_or_password" and self.probe is None:
            raise ValueError("where everybody may read, a check needs a `probe`")
        return self

    def as_kind(self, name: str) -> ConnectorKind:
        """The kind of source that this preset makes."""
        return ConnectorKind(
            name=name,
            title=self.title,
            options=OPTIONS[self.credentials],
            open=partial(_open, self),
            problems=partial(_problems, self),
            answers_the_past=self.answers_the_past,
            default_every=timedelta(hours=1),
        )


def _open(preset: Preset, options: PresetOptions) -> HttpJsonConnector:
    recipe: Recipe = preset
    canary = options.canary
    if preset.probe is not None and not any(options.credentials().values()):
        recipe = preset.model_copy(update={"health": None})
        canary = canary or Canary(query=preset.probe, at_least=0)
    place = Place(
        options.url,
        options.authenticated(preset.headers),
        connections=options.connections,
        canary=canary,
        zone=options.local_zone(),
        fields=options.further_fields(),
        remark=preset.remark,
        hint=preset.hint,
    )
    return HttpJsonConnector(recipe, place)


def _problems(preset: Preset, text: str) -> list[TextProblem]:
    # A source may have fields of its own, which are not known here.
    return preset.problems(text, fields=None)
