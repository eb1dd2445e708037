"""Makes a function a verb of the command line: shared options, examples in its help, and errors told in one line."""

from __future__ import annotations

import errno
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, get_type_hints

import typer

from collector.cli.asked import CONFIG, DATABASE, NO_COLOR, OUTPUT, QUIET, VERBOSE, Asked, Output
from collector.errors import KrdError

P = ParamSpec("P")

INTERRUPTED = 130
PIPE_CLOSED = 141

_SHARED: dict[str, tuple[Any, Any]] = {
    "config": (CONFIG, None),
    "database": (DATABASE, None),
    "output": (OUTPUT, Output.TABLE),
    "no_color": (NO_COLOR, False),
    "quiet": (QUIET, False),
    "verbose": (VERBOSE, 0),
}
FILES = ("config",)
STORE = ("config", "database")
RESULT = ("output", "no_color")
_LOUDNESS = ("quiet", "verbose")


def verb(
    app: typer.Typer,
    name: str,
    short: str,
    examples: Sequence[str],
    *shared: Sequence[str],
    numbers: bool = False,
) -> Callable[[Callable[Concatenate[Asked, P], None]], Callable[..., None]]:
    """Add the function to `app` as the verb `name`. `shared` names the options it takes beside its own: `FILES`, `STORE`,
    `RESULT`; how loud it is can always be said. `numbers` says that an argument may be a negative number. `short` stands in the list of verbs, its docstring is its help, and
    `examples` stand at the help's end.
    """

    def added(function: Callable[Concatenate[Asked, P], None]) -> Callable[..., None]:
        names = [option for group in (*shared, _LOUDNESS) for option in group]

        def called(**given: Any) -> None:
            asked = Asked(**{option: given.pop(option) for option in names})
            with told_shortly():
                function(asked, **given)  # type: ignore[call-arg]  # typer gives what the signature below asks for
                sys.stdout.flush()

        called.__doc__ = function.__doc__
        called.__name__ = function.__name__
        parameters = _parameters(function, names)
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
        called.__annotations__ = {one.name: one.annotation for one in parameters}
        settings = {"ignore_unknown_options": True} if numbers else {}  # else -5 is taken for an option
        app.command(name, short_help=short, epilog=epilog(examples), context_settings=settings)(called)
        return called

    return added


def epilog(examples: Sequence[str]) -> str:
    """Lay out the examples that stand at the end of a help; the mark keeps their lines apart."""
    return "\b\nExamples:\n" + "\n".join(f"  {example}" for example in examples)


@contextmanager
def told_shortly() -> Iterator[None]:
    """Tell expected errors in one line and end with their code; Ctrl-C and a reader that went away end quietly."""
    try:
        yield
    except KrdError as error:
        from collector.cli.plain import plain_lines

        typer.echo(f"krd: {plain_lines(str(error))}", err=True)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # What is still buffered goes nowhere, else Python complains about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(PIPE_CLOSED) from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        typer.echo(
            f"krd: the output cannot be written: {error.strerror}; make room, or write elsewhere", err=True
        )
        raise typer.Exit(1) from None


def _parameters(function: Callable[..., None], shared: Sequence[str]) -> list[inspect.Parameter]:
    hints = get_type_hints(function, include_extras=True)
    _, *own = inspect.signature(function).parameters.values()
    parameters = [one.replace(annotation=hints[one.name], kind=one.KEYWORD_ONLY) for one in own]
    for name in shared:
        annotation, default = _SHARED[name]
        parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        )
    return parameters
