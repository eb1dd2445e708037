"""Says what an error of PostgreSQL, or of the way to it, means: what happened, and what to do.

A server repeats values of rows in its texts, so these are passed on only where they name none.
"""

from __future__ import annotations

import psycopg

from collector.store.faults import NOT_KEPT, READER_WROTE, Reading, locked

_AWAY = "krd tries again by itself"
_OPTION = "its address has an option that libpq does not know or take; correct what stands behind the ?"
_UNREACHED = {
    "password authentication failed": "it does not accept the name or the password; look at KRD_DATABASE__URL",
    "no password supplied": "it asks for a password; put one into KRD_DATABASE__URL, or into a passfile",
    "no pg_hba.conf entry": "it does not let this machine, user or way of connecting in; look at the server's pg_hba.conf",
    "starting up": f"it is starting; {_AWAY}",
    "in recovery mode": f"it is recovering from a crash; {_AWAY}",
    "not yet accepting connections": f"it is starting; {_AWAY}",
    "shutting down": f"it is shutting down; {_AWAY} when it is back",
    "too many clients": "it has no connection left; raise its max_connections, or end other programs' connections",
    "remaining connection slots": "it has no connection left; raise its max_connections, or end other programs' connections",
    "too many connections": "it has no connection left for this role or database; raise its CONNECTION LIMIT",
    "certificate": "its certificate is not accepted; look at sslmode and sslrootcert in KRD_DATABASE__URL",
    "SSL": "no agreement on TLS; look at sslmode and the certificates in KRD_DATABASE__URL, and at the server's",
    "does not exist": "it knows no such database or role; create them, or correct KRD_DATABASE__URL",
    "resolve host": "the name of its machine cannot be resolved; correct KRD_DATABASE__URL, or look at the DNS",
    "translate host name": "the name of its machine cannot be resolved; correct KRD_DATABASE__URL, or look at the DNS",
    "Connection refused": f"nobody listens there; start the server, or correct KRD_DATABASE__URL; {_AWAY}",
    "No such file or directory": "there is no server behind that socket; start it, or correct KRD_DATABASE__URL",
    "timeout expired": f"it does not answer; look at the server and the way to it; {_AWAY}",
    "invalid": _OPTION,
    "bad value": _OPTION,
}
"""What libpq says where there is no connection, and so no code, in the order of looking."""
_CUT = (
    "consuming input failed",
    "sending query failed",
    "closed the connection unexpectedly",
    "the connection is ",
)
"""How libpq begins, or goes on, where there was a connection; what follows is no reason of its own."""
_LOST = f"the connection to it broke ({{}}); {NOT_KEPT}; {_AWAY}"


_TOLD = {
    "25006": "it only reads (a standby, or default_transaction_read_only); name the primary, or let this role write",
    "53100": f"the server's disk is full; {NOT_KEPT}. Make room, krd goes on by itself",
    "40001": f"it ended the transaction because of another one (serialization failure); {NOT_KEPT}. Try again",
    "40P01": f"it ended the transaction because of another one (deadlock); {NOT_KEPT}. Try again",
    "57014": f"it broke off a statement (statement_timeout, or somebody cancelled it); {NOT_KEPT}. Try again",
    "3F000": "the search path of this role names no schema that is there; create one, or set search_path",
    "XX001": "it is damaged. krd does not repair it: stop krd, and put back a backup",
    "XX002": "an index is damaged: stop krd, REINDEX the database, and look at the server's disk",
}
"""What needs nothing but the code."""


def meaning(cause: psycopg.Error, reading: Reading, lock_limit: float) -> str:
    """Say what an error means."""
    match cause.sqlstate:
        case None:
            return _without_code(cause)
        case "25006" if reading:
            return READER_WROTE
        case "55P03":
            return locked(lock_limit)
        case "42501":
            return (
                f"this role may not do that ({_text(cause)}); make it the owner of the schema,"
                " or GRANT CREATE ON SCHEMA, and all rights on krd's tables"
            )
        case "42P01" | "42703":
            return f"krd's tables are not as krd made them ({_text(cause)}); put back a backup"
        case code:
            return _TOLD.get(code) or _by_class(cause, code)


def _by_class(cause: psycopg.Error, code: str) -> str:
    match code[:2]:
        case "08" | "57":
            return _LOST.format(_name(cause))
        case "22":
            return f"it refused a value that it cannot keep ({_name(cause)}); {NOT_KEPT}"
        case "23":
            return f"it refused what breaks its rules ({_rule(cause)}); {NOT_KEPT}"
        case "28" | "3D":
            return "it does not let krd in; look at user, password and database in KRD_DATABASE__URL"
        case "53":
            return f"the server has too little left ({_name(cause)}); {NOT_KEPT}. Look at its memory and connections"
        case "58" | "F0":
            return f"the server's disk gave an error ({_name(cause)}); {NOT_KEPT}. Look at the server's log"
        case _:
            return f"it failed ({_name(cause)}); {NOT_KEPT}"


def _without_code(cause: psycopg.Error) -> str:
    said = str(cause)
    if any(cut in said for cut in _CUT):
        return _LOST.format(type(cause).__name__)
    for text, meant in _UNREACHED.items():
        if text in said:
            return meant
    return _LOST.format(type(cause).__name__)


def _rule(cause: psycopg.Error) -> str:
    """Name the rule in words; the server's own text may hold the row."""
    kinds = {"23502": "NOT NULL", "23503": "FOREIGN KEY", "23505": "UNIQUE", "23514": "CHECK"}
    kind = kinds.get(cause.sqlstate or "", _name(cause))
    rule = cause.diag.constraint_name or cause.diag.column_name or "unnamed"
    return f"{kind} {rule} of {cause.diag.table_name}"


def _text(cause: psycopg.Error) -> str:
    return cause.diag.message_primary or _name(cause)


def _name(cause: psycopg.Error) -> str:
    return f"{type(cause).__name__}, {cause.sqlstate}"
