"""findings.md: every code of the linter, with real findings as examples: those that its own tests expect."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from collector.configuration import codes
from collector.domain.lint.finding import Level
from connectors.promql import problems
from tests.reference.markdown import attribute_docs, page, table, unwrapped

EXAMPLES = Path(__file__).resolve().parent.parent / "configuration/test_every_mistake.py"
OF_STUBS = ("`retries`", "this word is not known", "ldap")
"""Words of findings that only the stub kinds of those tests give."""
_FINDING = re.compile(r"^\S+: (?P<level>error|warning|note) (?P<code>KRD\d+): (?P<text>.+)$", re.DOTALL)
_QUOTED = re.compile(r'"\S+: (?:error|warning|note) KRD\d+: [^"]+"')


def page_of_findings() -> str:
    told = examples()
    rows = [
        (code, "<br>".join(sorted({level for level, _ in told[code]})), why, "<br>".join(_shown(told[code])))
        for code, why in codes.CODES.items()
    ]
    levels = attribute_docs(Level)
    return page(
        "Findings of `krd lint`",
        (
            "A finding reads `file:line:column: level CODE: what; what to do`. Codes are stable. "
            "`krd lint` ends with 3 when there are errors; `krd run`, `krd once` and `krd plan` refuse such files."
        ),
        table(("level", "means"), [(level.value, levels[level.name]) for level in Level]),
        unwrapped(codes.__doc__).split("\n\n")[-1],
        table(("code", "level", "why", "what it says, and what to do (examples)"), rows).replace(
            "&lt;br>", "<br>"
        ),
    )


def examples() -> dict[str, list[tuple[str, str]]]:
    """Give (level, text) of the findings that the linter's tests expect, by code."""
    spec = importlib.util.spec_from_file_location("every_mistake", EXAMPLES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    texts = [case[2] for case in module.MISTAKES if not any(stub in case[2] for stub in OF_STUBS)]
    shown = {code for code in codes.CODES if any(f" {code}: " in text for text in texts)}
    quoted = [found.strip('"') for found in _QUOTED.findall(EXAMPLES.read_text(encoding="utf-8"))]
    texts += [
        text
        for text in quoted
        if not any(stub in text for stub in OF_STUBS) and not any(f" {code}: " in text for code in shown)
    ]
    texts += [
        f"krd.yaml: error KRD503: {problems('sum(rate(errors_total[5m])')[0].message}; correct the query"
    ]
    told: dict[str, list[tuple[str, str]]] = {code: [] for code in codes.CODES}
    for text in texts:
        match = _FINDING.match(text)
        if match is not None and match["text"] not in [known for _, known in told[match["code"]]]:
            told[match["code"]].append((match["level"], match["text"]))
    return told


def _shown(told: list[tuple[str, str]]) -> list[str]:
    return [text for _, text in told[:3]]
