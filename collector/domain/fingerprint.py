"""Two fingerprints of a key result: what is measured, and what is promised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def fingerprint(facts: Mapping[str, object]) -> str:
    """Hash facts to 16 hex digits; equal facts give equal digits whatever their order.

    A changed *measure* (source kind and host, queries, window, settle, matures, pick, unit) starts a new segment; a changed
    *promise* (shape, from, to, pace, by, judge_over, commitment) does not (DESIGN §5).
    """
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
