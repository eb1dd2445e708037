"""What the linter says about a query's text, and how texts become statements."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import create_engine, event
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

from connectors.sql_statement import Times, wrapped
from connectors.sql_text import answers_the_past, problems, variables, without_end

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def places(text):
    return [(problem.line, problem.column) for problem in problems(text)]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "SELECT 1;  -- the end",
        "(SELECT 1)",
        "VALUES (1)",
        "WITH a AS (SELECT 1 AS x) SELECT sum(x) FROM a",
        "SELECT count(*) FROM t WHERE at >= :since::timestamptz AND at < :until",
        "SELECT count(*) FROM t WHERE note = 'at 12:30 :nobody' AND at < :until",
        "SELECT a[1:2] FROM t",
        r"SELECT data\:amount FROM t",
        "SELECT data:amount::int FROM t",
        "SELECT count(*) FROM t FINAL WHERE at < :until SETTINGS max_threads = 1",
        "SELECT SAFE_DIVIDE(a, b) FROM `p.d.t` FOR SYSTEM_TIME AS OF :as_of",
        "SELECT TOP 1 [a b] FROM t",
        "SELECT count(*) FROM t AT(TIMESTAMP => :as_of)",
        "FROM t SELECT count(*)",
        r"SELECT 'it\'s' FROM t",
        r"SELECT 'a\'; b' FROM t",
    ],
)
def test_sql_of_any_dialect_has_no_problems(text):
    assert problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO t VALUES (1)",
        "DELETE FROM t",
        "UPDATE t SET a = 1",
        "DROP TABLE t",
        "PRAGMA user_version",
        "ATTACH 'x.db' AS x",
        "CALL f()",
        "EXPLAIN SELECT 1",
        "BEGIN",
        "WITH gone AS (DELETE FROM t RETURNING 1) SELECT * FROM gone",
        "SELECT * INTO copy FROM t",
        "SELECT * FROM t FOR UPDATE",
        "SELECT 1; SELECT 2",
        "SELECT 1) x; DELETE FROM t; SELECT * FROM (SELECT 1",
        "",
        "  -- nothing but a comment",
    ],
)
def test_whatever_is_not_one_select_is_reported(text):
    assert len(problems(text)) == 1


def test_a_second_statement_is_shown_where_it_begins():
    assert places("SELECT 1;\n  SELECT 2") == [(2, 3)]


def test_a_syntax_error_is_shown_where_it_is():
    assert places("SELECT 1\nFRM t WHERE") == [(2, 5)]


def test_an_open_quote_is_shown_where_it_opens():
    assert places("SELECT\n 'abc") == [(2, 2)]


def test_an_unknown_variable_is_shown_with_the_known_ones():
    (problem,) = problems("SELECT :a\n, :until, ':b' -- :c")
    assert (problem.line, problem.column) == (1, 8)
    assert "unknown variable :a" in problem.message
    assert ":cycle_start" in problem.message


def test_since_without_until_is_refused_with_the_reason():
    (problem,) = problems("SELECT count(*) FROM t\nWHERE at >= :since")
    assert (problem.line, problem.column) == (2, 13)
    assert "no past slot could ever be read again" in problem.message


def test_as_of_does_not_close_a_window():
    assert len(problems("SELECT count(*) FROM t WHERE at >= :since AND at < :as_of")) == 1


def test_variables_in_strings_comments_and_casts_are_not_variables():
    text = r"""SELECT ':a', ":b", E'\':c', $$ :d $$, $x$ :e $x$, f::date, \:g, /* :h */ :until -- :i"""
    assert list(variables(text)) == ["until"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT :until", True),
        ("SELECT :as_of", True),
        ("SELECT :cycle_start, :cycle_end", False),
        ("SELECT ':until'", False),
        ("SELECT 1", False),
    ],
)
def test_only_until_and_as_of_answer_the_past(text, expected):
    assert answers_the_past(text) is expected


def test_one_end_is_dropped_even_before_a_comment():
    assert without_end("SELECT ';' ; -- x;") == "SELECT ';'   -- x;"


def test_two_statements_keep_their_ends():
    assert without_end("SELECT 1; SELECT 2;") == "SELECT 1; SELECT 2;"


@given(st.text(alphabet="ab: ;'\"$\\/*-\n()[]1`E", max_size=40))
def test_the_linter_never_fails(text):
    for problem in problems(text):
        assert problem.line >= 1
        assert problem.column >= 1


@given(st.text(alphabet="ab: ;'\"$\\/*-\n()[]1`E%", max_size=40))
def test_a_text_without_variables_reaches_the_database_unchanged(text):
    if variables(text):
        return
    sql = str(wrapped(text, {}, 2).compile(dialect=sqlite.dialect()))
    expected = without_end(text) if "\\:" not in text else None
    assert expected is None or f"(\n{expected}\n) AS krd_q" in sql


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (postgresql.psycopg.dialect(), "LIMIT %(param_1)s"),
        (sqlite.dialect(), "LIMIT ?"),
        (mysql.dialect(), "LIMIT %s"),
        (mssql.dialect(), "SELECT TOP"),
        (oracle.dialect(), "FETCH FIRST"),
    ],
)
def test_every_dialect_writes_the_limit_in_its_own_way(dialect, expected):
    assert expected in str(wrapped("SELECT 1 -- x", {}, 2).compile(dialect=dialect))


def test_the_limit_is_bound_and_a_percent_survives():
    compiled = wrapped("SELECT '5%' WHERE :until", {"until": NOON}, 2).compile(
        dialect=postgresql.psycopg.dialect()
    )
    assert compiled.construct_params({"until": NOON}) == {"until": NOON, "param_1": 2}
    assert "'5%%'" in str(compiled)


def test_one_text_asked_at_many_moments_is_compiled_once_and_answers_each():
    text = "SELECT :until || ':until' || :until"
    engine = create_engine("sqlite://")
    compiled = []
    event.listen(engine, "before_cursor_execute", lambda *it: compiled.append(it[4].compiled))
    with engine.connect() as connection:
        answers = [
            connection.execute(wrapped(text, {"until": value}, 2), {"until": value}).scalar_one()
            for value in ("a", "b", 3)
        ]

    assert answers == ["a:untila", "b:untilb", "3:until3"]
    assert compiled[0] is compiled[1] is not compiled[2]


@pytest.mark.parametrize(
    ("options", "textual", "expected"),
    [
        ({}, False, NOON),
        ({}, True, "2026-07-01 12:00:00"),
        ({"zone": "Europe/Berlin"}, False, datetime(2026, 7, 1, 14)),  # noqa: DTZ001 - naive is the point
        ({"zone": "Europe/Berlin"}, True, "2026-07-01 14:00:00"),
        ({"zone": "Europe/Berlin", "format": "iso-t"}, False, "2026-07-01T14:00:00"),
        ({"format": "iso-z"}, True, "2026-07-01T12:00:00Z"),
        ({"format": "epoch"}, True, 1782907200),
        ({"format": "epoch-ms"}, True, 1782907200000),
    ],
)
def test_instants_are_bound_as_the_warehouse_writes_them(options, textual, expected):
    assert Times(**options).bound(NOON, textual=textual) == expected


@pytest.mark.parametrize(
    "options",
    [
        {"zone": "Europe/Bärlin"},
        {"zone": "../etc/passwd"},
        {"format": "epoch", "zone": "Europe/Berlin"},
        {"fmt": "iso"},
    ],
)
def test_times_that_make_no_sense_are_refused(options):
    with pytest.raises(ValidationError):
        Times(**options)
