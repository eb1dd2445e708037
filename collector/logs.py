"""Writes the log: one event a line, stable snake_case names, UTC, and never a secret or a control character.

Every line, also those of libraries that log through the standard library, passes `redact` last: the last gate, which
nothing may rely on. A library's line is the event `library_message` with the text in `message`, since its wording is not
ours to keep stable. Addresses keep scheme and host, since many services put a secret into the path or the query.
"""

from __future__ import annotations

import logging
import math
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Format = Literal["json", "console"]

FRAMES = 6
"""Innermost frames of a traceback that a log line shows."""
DEPTH = 4
"""Nesting of a logged value beyond which only its type is shown."""

VALUE_CHARS = 4_000
"""A logged text is cut to this many characters."""

_SECRET_NAME = re.compile(
    r"(?:^|[_.\-\s])(?:password|passwd|passphrase|pwd|secrets?|tokens?|bearer|authorization|cookies?|credentials?"
    r"|api[_-]?keys?|access[_-]?keys?|private[_-]?keys?|signatures?)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.\-]{0,30})://([^\s\"'<>]*)", re.IGNORECASE)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[^\s/:@\"']{1,200}:(?!//)[^\s@\"']{1,2000}@"), "***@"),  # user:pass@ without a scheme
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=\-]{16,}", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"\b(?:whsec_|xox[a-z]-|gh[a-z]_|glpat-|sk-)[\w+/=\-]{6,}"), "***"),
    (
        re.compile(
            r"\b((?:[\w\-]{1,40}[_\-])?(?:password|passwd|pwd|secret|token|bearer|authorization|cookie|api[_-]?key"
            r"|access[_-]?key|signature))([\"']?\s*[=:]\s*)(?!\{|\*\*\*)(?:\"[^\"]*\"|'[^']*'|[^\s,;&\"')}\]]+)",
            re.IGNORECASE,
        ),
        r"\1\2***",
    ),
)

_LEADING = ("timestamp", "level", "event", "logger")
_CHATTY = ("httpx", "httpcore", "urllib3", "sqlalchemy.engine", "uvicorn.access", "alembic")
"""Loggers that below warning write addresses, statements with their parameters, or a line a request."""
_WITH_OWN_HANDLERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "sqlalchemy", "alembic")


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Give the logger of the module `name`; silent until `configure` was called."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure(level: str, fmt: Format, stream: TextIO) -> None:
    """Send the logs of the whole process to `stream`; may be called again to change that.

    `level` is one of debug, info, warning, error, critical; raises `ValueError` for another. Colours are used on a
    terminal only, and never when `NO_COLOR` is set.
    """
    colours = stream.isatty() and not os.environ.get("NO_COLOR")
    renderer: Processor = (
        structlog.processors.JSONRenderer(sort_keys=False)
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0)
    )
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                _STAMP,
                _foreign,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                exceptions,
                redact,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.setLevel(level.upper())
    for old in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    for name in _WITH_OWN_HANDLERS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 - structlog's signature
    """Mask what may be a secret, by the name of its key or by its look, and make every text one line."""
    keys = [*(key for key in _LEADING if key in event), *(key for key in event if key not in _LEADING)]
    return {one_line(key): _safe(key, event[key], DEPTH) for key in keys}


def exceptions(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 - structlog's signature
    """Put a caught exception on the line, without the values of any variable."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["raised"] = " <- ".join(_told(error))
    return event


def _told(error: BaseException | None) -> Iterator[str]:
    """Tell the exception and then what caused it, outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield f"{type(error).__name__}: {error} ({_places(error.__traceback__)})"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    places = (f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames)
    return " > ".join(places) or "never raised"


def _safe(key: object, value: Any, depth: int) -> Any:
    if secret_name(str(key)) and value is not None and not isinstance(value, bool):
        return "***"
    match value:
        case float() if not math.isfinite(value):
            return str(value)  # JSON has no word for it
        case None | bool() | int() | float():
            return value
        case Mapping() if depth:
            return {one_line(str(inner)): _safe(inner, held, depth - 1) for inner, held in value.items()}
        case list() | tuple() | set() | frozenset() if depth:
            return [_safe("", held, depth - 1) for held in value]
        case Mapping() | list() | tuple() | set() | frozenset():
            return type(value).__name__
        case _:
            text = str(value)
            seen = text[: 2 * VALUE_CHARS]
            return one_line(masked(seen), unseen=len(text) - len(seen))


def _foreign(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 - structlog's signature
    return {**event, "event": "library_message", "message": event.get("event")}


def secret_name(name: str) -> bool:
    """Tell whether what is called so is to be hidden, such as `smtp_password` or `Authorization`."""
    return _SECRET_NAME.search(name) is not None


def masked(text: str) -> str:
    """Mask addresses, credentials and tokens within `text`."""
    text = _ADDRESS.sub(_shown_address, text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def one_line(text: str, unseen: int = 0) -> str:
    r"""Spell out controls, line ends and direction overrides (`\n`, `\x1b`, `\u202e`), and cut at `VALUE_CHARS`.

    `unseen` characters cut before are counted with the rest.
    """
    rest = max(len(text) - VALUE_CHARS, 0) + unseen
    if rest:
        text = f"{text[:VALUE_CHARS]}… (+{rest} more)"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _shown_address(found: re.Match[str]) -> str:
    scheme, rest = found[1], found[2]
    _, at, after = rest.rpartition("@")
    host, slash, path = after.partition("/")
    host = host.partition("?")[0].partition("#")[0]
    shown = f"{scheme}://{'***@' if at else ''}{host}"
    if not path:
        return shown + slash
    if scheme.lower() in ("http", "https", "ws", "wss"):
        return f"{shown}/…"
    return f"{shown}/{path.partition('?')[0]}"


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, told apart from those of others when `configure` is called again."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """Say that a line was lost; the standard library would print its arguments, secrets and all."""
        kind = sys.exc_info()[0]
        if sys.stderr is not None and kind not in (None, BrokenPipeError):
            sys.stderr.write(f"krd: a log line of {record.name} was lost: {kind.__name__}\n")


_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)

# Done on import: structlog's own default would print to standard output, unmasked, between the JSON of a command.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        _STAMP,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=False,
)
logging.getLogger("collector").addHandler(logging.NullHandler())
