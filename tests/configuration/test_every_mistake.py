"""Every code of the linter, with the exact place and words of one mistake that earns it."""

import pytest

from collector.configuration.codes import CODES

KRD_YAML = """\
timezone: Europe/Berlin
cycles: [2026-Q4, {id: lab, starts: first run, days: 100, day: 6s}]
people: {li: {name: Li}}
teams: {shop: {lead: li, sync: {every: 7d}}}
sources:
  prod: {kind: prometheus, url: "http://127.0.0.1:9090"}
  warehouse: {kind: sql, url: {env: WAREHOUSE_URL}}
notify: {terminal: {kind: console}}
"""


def kr(measure="{source: prod, query: latency}", promise="from: 120\n        to: 60", extra=""):
    """One file of objectives; the key result's `measure` stands on line 10, its promise on line 11."""
    return (
        "team: shop\ncycle: 2026-Q4\nobjectives:\n  - id: quick\n    title: Be quick\n    key_results:\n"
        "      - id: latency\n        title: Cut latency\n        commitment: committed\n"
        f"        measure: {measure}\n        {promise}\n{extra}"
    )


def krd(old="", new=""):
    assert old in KRD_YAML
    return {"krd": KRD_YAML.replace(old, new)}


OKR = "okrs/team.yaml"
GUARDRAILS = (
    "        guardrails:\n"
    "          - {id: refunds, title: few, at_most: 2, measure: {source: prod, query: x}}\n"
    "          - {id: refunds, title: few, measure: {source: prod, query: x}}\n"
    "          - {id: nps, title: high, at_least: 5, at_most: 5, measure: {by_hand: li}}\n"
)
SHARED = (
    "measures:\n  a: {source: prod, query: x}\n  b: {source: prod, query: x, every: 1h}\n"
    "  c: {expression: d + 1}\n  d: {expression: c / a}\n  e: {expression: a / b}\n  f: {by_hand: li}\n"
    "  g: {source: prod, query: x, matures: 7d}\n"
)
VALUES = ", ".join(
    f"{{as_of: {day}, value: 1}}" for day in ("2026-11-01", "2026-11-01", "2027-01-01", "2026-11-23")
)
LAUNCH = "        launches: [{on: 2026-11-10, expect: 30%}]\n"
MISTAKES = [
    ("a_broken_byte", {"okrs": b"team: \xff\n"},
     f"{OKR}:1:1: error KRD102: okrs/team.yaml is not UTF-8 text (byte 6); save it as UTF-8"),
    ("a_huge_file", {"okrs": "#" * (1024 * 1024 + 1)},
     f"{OKR}:1:1: error KRD102: okrs/team.yaml is larger than 1 MiB; split it into several files"),
    ("a_tab", {"okrs": "team:\n\tshop\n"},
     f"{OKR}:2:1: error KRD103: a tab stands where YAML wants spaces; indent with spaces"),
    ("a_colon_in_a_plain_text", {"okrs": "team: shop: two\n"},
     f"{OKR}:1:11: error KRD103: this is not YAML: mapping values are not allowed here; a text that holds `: ` needs quotes"),
    ("a_percent_sign", {"okrs": kr("{source: prod, query: x, unit: %}")},
     f"{OKR}:10:49: error KRD103: this is not YAML: found character '%' that cannot start any token; put the value in quotes"),
    ("a_key_twice", {"okrs": kr(extra="cycle: 2026-Q4\n")},
     f"{OKR}:13:1: error KRD104: the key `cycle` stands twice in this mapping (first on line 2); keep one of them"),
    ("a_tag", {"okrs": kr(extra="measures: !!map {}\n")},
     f"{OKR}:13:11: error KRD105: the tag tag:yaml.org,2002:map is not used here; remove the tag"),
    ("a_merge_key", {"okrs": kr("{<<: {source: prod}, source: prod, query: x}")},
     f"{OKR}:10:19: error KRD105: merge keys (`<<`) are not part of YAML 1.2; write the keys out, or share a measure"),
    ("a_comment_after_a_plain_query", {"okrs": kr("\n          source: prod\n          query: sum(x) # total")},
     (f"{OKR}:12:18: error KRD106: the unquoted text of `query` ends at ` #`; the rest of the line is cut off as a comment; "
     "put the text in quotes, or the comment on a line of its own")),
    ("a_comment_in_folded_text", {"okrs": kr("\n          source: prod\n          query: >\n            sum(x) # fine\n            / count(x)")},
     (f"{OKR}:12:18: error KRD106: `query` joins its lines into one, so that a comment in it cuts off all that follows; "
     "write the text as a block after `|`, which keeps its lines")),
    ("a_leading_zero", {"okrs": kr(promise="from: 120\n        to: 060")},
     f"{OKR}:12:13: error KRD107: the number 060 begins with a zero; drop the zero, or quote a text"),
    ("a_list_at_the_top", {"okrs": "- team: shop\n"},
     f"{OKR}:1:1: error KRD108: the file does not hold a mapping at its top level; begin with keys, such as `team: checkout`"),
    ("a_year_beyond_all_calendars", krd("cycles: [2026-Q4", "cycles: [2026-Q4, {id: far, starts: 9999-10-01, days: 200}"),
     "krd.yaml:2:19: error KRD601: the cycle far starts in the year 9999; write a year from 1970 to 2200"),
    ("an_unknown_key", {"okrs": kr(promise="from: 120\n        two: 60")},
     f"{OKR}:12:9: error KRD201: the key `two` is unknown here; did you mean to?"),
    ("an_unknown_key_deep_inside", {"okrs": kr("{source: prod, query: x, evry: 5m}")},
     f"{OKR}:10:43: error KRD201: the key `evry` is unknown here; did you mean every?"),
    ("a_missing_key", {"okrs": kr().replace("        commitment: committed\n", "")},
     f"{OKR}:7:9: error KRD202: the key `commitment` is missing in `key_results`; add it"),
    ("a_missing_source", {"okrs": kr("{query: x}")},
     f"{OKR}:10:18: error KRD202: the key `source` is missing in `measure`; name a source of krd.yaml"),
    ("a_comma_in_a_number", {"okrs": kr(promise="from: 12,5\n        to: 60")},
     f"{OKR}:11:15: error KRD203: `12,5` has a comma; write 12.5, or without a comma for thousands"),
    ("a_percent_in_a_number", {"okrs": kr(promise="from: 120\n        to: 60%")},
     f'{OKR}:12:13: error KRD203: `60%` has a percent sign; write the number alone, and `unit: "%"` in the measure'),
    ("yes_for_true", {"okrs": kr("{source: prod, query: x, allow_partial: yes}")},
     (f"{OKR}:10:58: error KRD203: `allow_partial`: expected true or false; "
     "write true or false without quotes (yes, no, on and off are texts)")),
    ("a_time_for_an_interval", {"okrs": kr("{source: prod, query: x, every: 9:30}")},
     f"{OKR}:10:50: error KRD203: `9:30` is not a length of time; write 90s, 15m, 6h, 7d or 2w"),
    ("a_wrong_cron", {"okrs": kr('{source: prod, query: x, every: "61 * * * *"}')},
     (f"{OKR}:10:50: error KRD203: `61 * * * *` is not a cron expression: Bad minute; "
     "write five fields: minute hour day month weekday")),
    ("an_impossible_date", {"okrs": kr(extra="        by: 2026-11-31\n")},
     f"{OKR}:13:13: error KRD203: `2026-11-31` is not a day of the calendar; write a date such as 2026-12-31"),
    ("a_name_with_capitals", {"okrs": kr().replace("id: latency", "id: Latency")},
     (f"{OKR}:7:13: error KRD203: `Latency` is not a short name; "
     "use lower-case letters, digits, - and _, such as p95-latency (at most 63)")),
    ("a_list_where_a_mapping_is_due", {"okrs": kr("[x]")},
     f"{OKR}:10:18: error KRD203: `measure`: expected a mapping; write keys below it, or {{key: value}}"),
    ("an_unknown_kind_to_hear", krd("kind: console", "kind: console, only: {kinds: [drift, breif]}"),
     "krd.yaml:8:58: error KRD203: there is no kind of announcement `breif`; did you mean brief?"),
    ("an_unknown_kind_of_alert", krd("sync: {every: 7d}", "alerts: {severity: {slo_brun: page}}"),
     "krd.yaml:4:46: error KRD203: there is no kind of announcement `slo_brun`; did you mean slo_burn?"),
    ("news_that_interrupt", krd("timezone", "alerts: {severity: {removed: page}}\ntimezone"),
     ("krd.yaml:1:21: error KRD203: `removed` is news, which stands in feeds and briefs and never interrupts; "
     "remove it")),
    ("a_brief_that_interrupts", krd("timezone", "alerts: {severity: {brief: page}}\ntimezone"),
     "krd.yaml:1:21: error KRD203: `brief` is no alert; remove it: only alerts have a severity of their own"),
    ("an_unknown_severity", krd("timezone", "alerts: {severity: {drift: loud}}\ntimezone"),
     "krd.yaml:1:28: error KRD203: `drift`: it is none of the words that may stand here; write info, ticket or page"),
    ("a_wait_of_days", krd("timezone", "alerts: {group_wait: 2d}\ntimezone"),
     "krd.yaml:1:22: error KRD203: `2d` is a long time to wait with an alert; write at most 1d"),
    ("messages_without_an_interval", krd("timezone", "alerts: {group_interval: 0s}\ntimezone"),
     "krd.yaml:1:26: error KRD203: `0s` is no time at all; write at least 1s"),
    ("a_repeat_without_an_end", krd("timezone", "alerts: {repeat: 0s}\ntimezone"),
     "krd.yaml:1:18: error KRD203: `0s` is no time at all; write at least 1s"),
    ("a_word_for_quiet_hours", krd("timezone", "alerts: {quiet: nights}\ntimezone"),
     ("krd.yaml:1:17: error KRD203: expected quiet hours, got `nights`; "
     'write {from: "18:00", until: "08:00"}, or false for none')),
    ("a_number_for_an_hour", krd("timezone", "alerts: {quiet: {from: 18}}\ntimezone"),
     'krd.yaml:1:24: error KRD203: expected an hour of the day, got `18`; write it in quotes: "18:00"'),
    ("an_hour_after_midnight", krd("timezone", "alerts: {quiet: {until: '24:00'}}\ntimezone"),
     "krd.yaml:1:25: error KRD203: `24:00` is not an hour of the day; write 00:00 to 23:59"),
    ("a_page_with_parameters", krd("timezone", "page: https://krd.example/?a=b\ntimezone"),
     ("krd.yaml:1:7: error KRD203: the address of krd's page ends in parameters; "
     "write it as people open it: https://krd.example")),
    ("an_unknown_zone", krd("Europe/Berlin", "Europe/Berlim"),
     "krd.yaml:1:11: error KRD203: `Europe/Berlim` is not a time zone; write a name such as Europe/Berlin or UTC"),
    ("an_unknown_kind", krd("kind: prometheus", "kind: promtheus"),
     "krd.yaml:6:16: error KRD204: the source kind `promtheus` is unknown; did you mean prometheus?"),
    ("an_unknown_kind_of_notifier", krd("kind: console", "kind: consle"),
     "krd.yaml:8:27: error KRD204: the notifier kind `consle` is unknown; did you mean console?"),
    ("a_kind_without_its_driver", krd("kind: console", "kind: ldap"),
     "krd.yaml:8:27: error KRD204: the notifier kind ldap cannot be used here: its driver is not installed; pip install ldap"),
    ("a_secret_as_text", krd("{env: WAREHOUSE_URL}", '"sqlite://secret"'),
     "krd.yaml:7:31: error KRD205: `url`: a secret is written by reference: {env: NAME} or {file: path}, never as text"),
    ("an_unknown_option", krd('url: "http', 'ulr: x, url: "http'),
     "krd.yaml:6:28: error KRD201: the key `ulr` is unknown here; did you mean url?"),
    ("an_option_out_of_range", krd("kind: prometheus,", "kind: prometheus, retries: -1,"),
     "krd.yaml:6:37: error KRD205: `retries`: the value is too small; write at least 0"),
    ("an_unknown_person", krd("lead: li", "lead: lee"),
     "krd.yaml:4:22: error KRD301: there is no person `lee` in krd.yaml; known here: li"),
    ("an_unknown_owner", {"okrs": kr(extra="        owner: lii\n")},
     f"{OKR}:13:16: error KRD301: there is no person `lii` in krd.yaml; did you mean li?"),
    ("an_unknown_team", {"okrs": kr().replace("team: shop", "team: shp")},
     f"{OKR}:1:7: error KRD302: there is no team `shp` in krd.yaml; did you mean shop?"),
    ("an_unknown_source", {"okrs": kr("{source: prot, query: x}")},
     f"{OKR}:10:27: error KRD303: there is no source `prot` in krd.yaml; did you mean prod?"),
    ("an_unknown_notifier", krd("sync: {every: 7d}", "notify: [terminal, pager]"),
     "krd.yaml:4:45: error KRD304: there is no notifier `pager` in krd.yaml; known here: terminal"),
    ("a_notifier_to_escalate_to_that_is_not_there", krd("sync: {every: 7d}", "escalate: [terminl]"),
     "krd.yaml:4:37: error KRD304: there is no notifier `terminl` in krd.yaml; did you mean terminal?"),
    ("a_team_to_hear_of_that_is_not_there", krd("kind: console", "kind: console, only: {teams: [shop, shpo]}"),
     "krd.yaml:8:57: error KRD302: there is no team `shpo` in krd.yaml; did you mean shop?"),
    ("an_escalation_to_what_takes_alerts_alone", {"krd": KRD_YAML.replace("sync: {every: 7d}", "escalate: [pager]").replace(
        "{terminal: {kind: console}}", "{pager: {kind: beeper}}")},
     ("krd.yaml:4:37: error KRD310: the notifier `pager` takes alerts alone: an escalation would not reach anybody; "
     "name a notifier that people read")),
    ("an_unknown_cycle", {"okrs": kr().replace("2026-Q4", "2026-Q5")},
     f"{OKR}:2:8: error KRD305: there is no cycle `2026-Q5` in krd.yaml; did you mean 2026-Q4?"),
    ("an_unknown_measure", {"okrs": kr("{use: p59}", extra="measures: {p95: {source: prod, query: x}}\n")},
     f"{OKR}:10:24: error KRD306: there is no measure `p59` in this file; did you mean p95?"),
    ("an_address_that_leads_nowhere", {"okrs": kr(extra="        depends_on: [shop/quik]\n")},
     f"{OKR}:13:22: error KRD307: there is no objective or key result `shop/quik`; did you mean shop/quick?"),
    ("an_address_taken", {"okrs": kr().replace("id: latency", "id: quick")},
     f"{OKR}:7:13: error KRD308: the address shop/quick is taken in 2026-Q4 by okrs/team.yaml:4:9; choose another id"),
    ("an_earlier_id_in_use", {"okrs": kr(extra="        was: [quick]\n")},
     (f"{OKR}:13:15: error KRD309: shop/quick is no earlier address: it is in use in 2026-Q4 by okrs/team.yaml:4:9; "
     "remove it from `was`, or rename the other one")),
    ("two_shapes", {"okrs": kr(extra="        slo: 99\n")},
     (f"{OKR}:7:9: error KRD401: the key result has `to` and `slo`: they belong to different shapes; "
     "write `from` and `to` (or `change`), or `total`, or `keep`, or `slo`")),
    ("no_target", {"okrs": kr(promise="from: 120")},
     (f"{OKR}:7:9: error KRD401: the key result has `from` but no target; "
     "write `from` and `to` (or `change`), or `total`, or `keep`, or `slo`")),
    ("a_way_of_no_length", {"okrs": kr(promise="from: 60\n        to: 60")},
     f"{OKR}:12:13: error KRD402: from 60 to 60 is no way to go; write another target, or use `keep`"),
    ("a_target_without_a_start", {"okrs": kr(promise="to: 60")},
     f"{OKR}:7:9: error KRD402: `to` stands without `from`; add `from`: a number, measured or last_cycle"),
    ("a_total_with_two_bounds", {"okrs": kr(promise="total: {at_most: 3, at_least: 1}")},
     f"{OKR}:11:16: error KRD403: the total needs exactly one of `at_most` and `at_least`; write one bound"),
    ("a_total_of_at_least_nothing", {"okrs": kr(promise="total: {at_least: 0}")},
     f"{OKR}:11:27: error KRD403: at least 0 is always reached; write a number above 0"),
    ("a_band_without_a_bound", {"okrs": kr(promise="keep: {share: 99}")},
     f"{OKR}:11:15: error KRD404: the band has no bound; write `at_most`, `at_least` or both"),
    ("a_band_without_a_share", {"okrs": kr(promise="keep: {at_most: 200}")},
     f"{OKR}:11:15: error KRD202: the key `share` is missing in `keep`; add it"),
    ("an_slo_of_everything", {"okrs": kr("{source: prod, bad: x, total: y}", "slo: 100")},
     f"{OKR}:11:14: error KRD405: an slo of 100 % leaves no error budget; write a number above 0 and below 100, such as 99.9"),
    ("nobody_owns_it", krd("lead: li, ", ""),
     f"{OKR}:7:13: error KRD406: nobody owns the key result `latency`; add `owner`, or a `lead` to the team"),
    ("a_pace_outside_the_cycle", {"okrs": kr(extra="        pace: {late: 2027-02-01}\n")},
     (f"{OKR}:13:15: error KRD407: the pace names dates outside the cycle 2026-Q4, or not in their order; "
     "write days of the cycle, ascending")),
    ("a_guardrail_twice", {"okrs": kr(extra=GUARDRAILS)},
     f"{OKR}:15:18: error KRD408: there are two guardrails `refunds`; choose another id"),
    ("a_guardrail_without_a_bound", {"okrs": kr(extra=GUARDRAILS)},
     f"{OKR}:15:13: error KRD404: the guardrail `refunds` has no bound; write `at_most`, `at_least` or both"),
    ("a_guardrail_with_empty_bounds", {"okrs": kr(extra=GUARDRAILS)},
     (f"{OKR}:16:13: error KRD404: nothing is within the bounds of the guardrail `nps`; "
     "write an `at_least` below `at_most`")),
    ("a_guardrail_by_hand", {"okrs": kr(extra=GUARDRAILS)},
     (f"{OKR}:16:70: error KRD507: the guardrail `nps` is entered by hand: between two values nobody watches; "
     "measure it at a source, or make it a key result")),
    ("a_pace_of_a_band", {"okrs": kr(promise="keep: {at_most: 9, share: 99}\n        pace: linear")},
     (f"{OKR}:12:15: error KRD409: a pace spreads a way over the cycle, and a band to keep has no way to go; "
     "remove `pace`")),
    ("a_point_off_the_way", {"okrs": kr(extra="        pace: {points: [[2026-11-01, 50]]}\n")},
     (f"{OKR}:13:38: error KRD410: the point 50 does not lie on the way from 120 to 60; "
     "write values from 60 to 120")),
    ("points_that_turn_back", {"okrs": kr(extra="        pace: {points: [[2026-11-01, 80], [2026-12-01, 90]]}\n")},
     (f"{OKR}:13:15: error KRD410: the points of the pace turn back on the way; "
     "write values that lead from baseline to target")),
    ("a_level_of_hours", {"okrs": kr(extra="        judge_over: 6h\n")},
     (f"{OKR}:13:21: error KRD411: 6h is less than a day of the cycle 2026-Q4: a day is the least that is judged; "
     "write at least 1d")),
    ("two_forms", {"okrs": kr("{source: prod, query: x, numerator: y}")},
     (f"{OKR}:10:18: error KRD501: the measure has `query` and `numerator`; write exactly one form: query; "
     "numerator and denominator; good or bad, and total; expression; by_hand; or use")),
    ("a_query_file_that_is_not_there", {"okrs": kr("{source: prod, query: {file: p95.promql}}")},
     f"{OKR}:10:40: error KRD502: there is no file okrs/p95.promql; check the path: it is relative to the naming file"),
    ("a_wrong_word_in_a_quoted_query", {"okrs": kr('{source: prod, query: "sum(BROKEN)"}')},
     f"{OKR}:10:45: error KRD503: this word is not known; correct the query"),
    ("a_wrong_word_in_a_block", {"okrs": kr("\n          source: prod\n          query: |\n            sum(x)\n              + BROKEN")},
     f"{OKR}:14:17: error KRD503: this word is not known; correct the query"),
    ("a_wrong_word_in_a_file", {"okrs": kr("{source: prod, query: {file: p95.promql}}"),
                                "more": {"okrs/p95.promql": "sum(\n  BROKEN)\n"}},
     "okrs/p95.promql:2:3: error KRD503: this word is not known; correct the query"),
    ("a_query_where_a_selector_is_due", {"okrs": kr("{source: prod, bad: 'sum(c)', total: 'c{a=\"b\"}[5m]'}", "slo: 99.9")},
     (f'{OKR}:10:39: error KRD503: events are selectors of counters, such as checkout_total{{code=~"5.."}}, whose '
     "increase krd asks for; write the selector alone")),
    ("a_range_where_a_selector_is_due", {"okrs": kr("{source: prod, bad: 'sum(c)', total: 'c{a=\"b\"}[5m]'}", "slo: 99.9")},
     (f'{OKR}:10:64: error KRD503: events are selectors of counters, such as checkout_total{{code=~"5.."}}, whose '
     "increase krd asks for; write the selector alone")),
    ("a_start_without_an_end", {"okrs": kr('{source: warehouse, query: "SELECT 1 WHERE at > :since"}')},
     (f"{OKR}:10:46: error KRD504: the query uses `since` but neither `until` nor `as_of`: every past slot would get "
     "today's rows; end the window with `until`")),
    ("a_total_that_does_not_look_at_its_start", {"okrs": kr("{source: prod, window: cycle, query: x}", "total: {at_most: 3}")},
     (f"{OKR}:10:55: warning KRD505: the query of this total does not look at the cycle's start; "
     "count from `since` (the cycle's start) to `until`")),
    ("an_empty_range", {"okrs": kr("{source: prod, query: x, plausible: [5, 1]}")},
     f"{OKR}:10:54: error KRD506: the plausible range is empty; write [lowest, highest]"),
    ("an_slo_without_events", {"okrs": kr(promise="slo: 99.9")},
     f"{OKR}:10:18: error KRD507: an slo counts events; write `good` or `bad`, and `total`, in the measure"),
    ("a_total_over_less_than_the_cycle", {"okrs": kr("{source: prod, query: x, window: 7d}", "total: {at_most: 3}")},
     f"{OKR}:10:51: error KRD508: the measure of a total covers less than the cycle; add `window: cycle`"),
    ("a_source_beside_a_person", {"okrs": kr("{by_hand: li, source: prod}")},
     (f"{OKR}:10:40: error KRD509: a value by hand is read from no source and has no `source`; "
     "remove it, or `by_hand: li`")),
    ("a_pick_of_an_expression", {"okrs": kr("{expression: a / b, pick: {x: y}}", extra=SHARED)},
     (f"{OKR}:10:44: error KRD509: an expression asks no source and has no `pick`; "
     "write it at the measures that the expression names")),
    ("values_beside_a_query", {"okrs": kr("{source: prod, query: x, values: [{as_of: 2026-11-01, value: 3}]}")},
     f"{OKR}:10:51: error KRD509: `values` are entered by hand; write `by_hand: person`, or remove them"),
    ("a_unit_of_events", {"okrs": kr("{source: prod, bad: x, total: y, unit: requests}", "slo: 99.9")},
     f"{OKR}:10:57: error KRD509: the share of events is told in percent; remove `unit`"),
    ("a_pick_of_counters", {"okrs": kr("{source: prod, bad: x, total: y, pick: {a: b}}", "slo: 99.9")},
     (f"{OKR}:10:57: error KRD509: the increases of all series of a counter are added up: there is nothing to pick; "
     "write the labels into the selectors")),
    ("late_rows_that_cannot_be_read_again", {"okrs": kr('{source: warehouse, settle: 3d, query: "SELECT 1"}')},
     (f"{OKR}:10:46: error KRD510: `settle` reads late rows again, but this query cannot be asked about the past; "
     "end its window with `until`")),
    ("a_function_that_is_none", {"okrs": kr("{expression: sqrt(a) / b}", extra=SHARED)},
     (f"{OKR}:10:31: error KRD511: only names of measures, numbers, + - * / ( ), min, max and abs may stand here; "
     "correct the expression")),
    ("a_division_by_zero", {"okrs": kr("{expression: a / 0}", extra=SHARED)},
     f"{OKR}:10:35: error KRD511: a division by zero never has a value; correct the expression"),
    ("an_unknown_operand", {"okrs": kr("{expression: a / bb}", extra=SHARED)},
     f"{OKR}:10:35: error KRD306: there is no measure `bb` in this file; known here: a, b, c, d, e, f, g"),
    ("a_circle", {"okrs": kr("{expression: a / c}", extra=SHARED)},
     f"{OKR}:16:19: error KRD512: the measure `c` is defined by itself: c needs d needs c; let one of them ask a source"),
    ("an_expression_of_an_expression", {"okrs": kr("{expression: a / e}", extra=SHARED)},
     (f"{OKR}:10:35: error KRD513: the operand `e` is itself an expression; "
     "name measures with a `query`, or with `numerator` and `denominator`")),
    ("an_operand_by_hand", {"okrs": kr("{expression: a / f}", extra=SHARED)},
     (f"{OKR}:10:35: error KRD513: the operand `f` is entered by hand; "
     "name measures with a `query`, or with `numerator` and `denominator`")),
    ("operands_that_never_meet", {"okrs": kr("{expression: a / b}", extra=SHARED)},
     (f"{OKR}:10:31: error KRD514: `a` is read every 15m, `b` every 1h: they never meet; "
     "add `every` to the expression")),
    ("operands_of_different_days", {"okrs": kr("{expression: a / g}", extra=SHARED)},
     (f"{OKR}:10:31: error KRD514: `a` matures 0s, `g` 7d: they speak of different days; "
     "write the same `matures` at both")),
    ("two_values_for_a_day", {"okrs": kr(f"{{by_hand: li, values: [{VALUES}]}}")},
     f"{OKR}:10:80: error KRD515: there are two values for 2026-11-01; keep the one that is right"),
    ("a_value_after_the_cycle", {"okrs": kr(f"{{by_hand: li, values: [{VALUES}]}}")},
     f"{OKR}:10:111: error KRD515: 2027-01-01 lies after the cycle 2026-Q4; write a day up to 2026-12-31"),
    ("a_value_of_tomorrow", {"okrs": kr(f"{{by_hand: li, values: [{VALUES}]}}")},
     f"{OKR}:10:142: error KRD515: 2026-11-23 has not come yet; write the day that the value stands for"),
    ("events_over_more_than_a_slot", {"okrs": kr("{source: prod, bad: x, total: y, window: 1d}", "slo: 99.9")},
     (f"{OKR}:10:59: error KRD605: events are counted slot by slot: another window would count some twice, "
     "or not at all; remove `window`; it is the same as `every`")),
    ("events_of_a_month", {"okrs": kr("{source: prod, bad: x, total: y, every: month}", "slo: 99.9")},
     (f"{OKR}:10:58: error KRD605: events are counted slot by slot, but `every: month` does not tell how long a slot is; "
     "write it as a length, such as 15m or 1d")),
    ("a_cycle_with_end_and_days", krd("starts: first run,", "starts: first run, ends: 2026-12-31,"),
     ("krd.yaml:2:19: error KRD601: the cycle lab needs exactly one of `ends` and `days`; "
     "write its last day, or how many days it has")),
    ("a_weekday_in_a_cycle_without_one", {"okrs": kr().replace("2026-Q4", "lab"), **krd("every: 7d", "every: friday 14:00")},
     ("krd.yaml:4:32: error KRD602: the sync is on a weekday, but the cycle lab sets its own `day` and has no weekdays; "
     "write it counted from the cycle's start: {every: 7d, brief: 1d}")),
    ("months_in_a_cycle_without_them", {"okrs": kr("{source: prod, query: x, every: month}").replace("2026-Q4", "lab")},
     f"{OKR}:10:50: error KRD603: the cycle lab sets its own `day` and has no months; write `every` in days, or in seconds"),
    ("a_deadline_outside_the_cycle", {"okrs": kr(extra="        by: 2027-01-31\n")},
     (f"{OKR}:13:13: error KRD604: the deadline 2027-01-31 lies outside the cycle 2026-Q4; "
     "write a day of the cycle, or leave it out")),
    ("a_window_that_cannot_be_told", {"okrs": kr('{source: prod, every: month, query: "increase(x[$window])"}')},
     (f"{OKR}:10:40: error KRD605: the query uses its window, but `every: month` does not tell how long one is; "
     "add `window`, such as 30d or cycle")),
    ("a_quiet_afternoon", krd("sync: {every: 7d}", "alerts: {quiet: {from: '12:00', until: '14:00'}}"),
     ("krd.yaml:4:49: error KRD606: quiet hours from 12:00 until 14:00 end on the day on which they begin; "
     'write a `from` later than `until`, or "00:00"; or the same hour at both, for days off alone')),
    ("a_repeat_before_its_group_may_speak", krd("sync: {every: 7d}", "alerts: {repeat: 1m}"),
     ("krd.yaml:4:43: error KRD607: alerts would be said again after 1m, but messages of a group come at least 5m apart; "
     "write a longer `repeat`, or a shorter `group_interval`")),
    ("a_launch_of_a_budget", {"okrs": kr(promise="keep: {at_most: 200, share: 99}", extra=LAUNCH)},
     (f"{OKR}:12:19: error KRD412: a launch brings a share of the way from a baseline to a target, which a band to keep "
      "has not; remove `launches`")),
    ("launches_that_bring_too_much", {"okrs": kr(extra=LAUNCH.replace("30%", "3000%"))},
     (f"{OKR}:13:19: error KRD413: the launches are expected to bring 3000 % of the way together; "
      "write shares of the way that add up to 200 % at most")),
    ("a_launch_in_a_cycle_without_dates", {"okrs": kr(extra=LAUNCH).replace("2026-Q4", "lab")},
     (f"{OKR}:13:19: error KRD609: a launch comes on a date, but the cycle lab sets its own `day`; "
      "remove `launches`")),
    ("a_launch_after_the_cycle", {"okrs": kr(extra=LAUNCH.replace("2026-11-10", "2027-01-01"))},
     (f"{OKR}:13:25: error KRD609: the launch on 2027-01-01 lies outside the cycle 2026-Q4; "
      "write a day of the cycle, or remove it")),
    ("a_line_of_drift_above_that_of_its_end", krd("sync: {every: 7d}", "drift: {committed: {off_track: 0.7}}"),
     ("krd.yaml:4:57: error KRD608: below 0.7 would be off track and from 0.7 on track: between them nothing is left; "
     "write `off_track` below `on_track`")),
    ("a_line_that_is_no_probability", krd("sync: {every: 7d}", "drift: {committed: {off_track: 20}}"),
     "krd.yaml:4:57: error KRD203: `20` is no probability to draw a line at; write a number such as 0.20"),
    ("half_a_day_in_a_row", krd("sync: {every: 7d}", "drift: {aspirational: {days: 2.5}}"),
     "krd.yaml:4:55: error KRD203: `2.5` is no number of days in a row; write a whole number, 1 to 31"),
    ("a_notifier_that_would_never_hear_anything", krd("console", "beeper, only: {kinds: [brief, value_due]}"),
     ("krd.yaml:8:35: warning KRD703: the notifier `terminal` would never hear anything: the kind beeper is told alerts "
      "alone, and `kinds` names none that is told; name what it is to hear, or remove `only`")),
    ("a_kind_of_a_later_version", krd("  warehouse: {kind: sql", "  warehouse: {kind: linear"),
     "krd.yaml:7:21: note KRD901: the source `warehouse` is of the kind linear, which this version does not run yet"),
    ("a_canary", krd("kind: prometheus,", "kind: prometheus, canary: {query: up},"),
     "krd.yaml:6:28: note KRD902: `canary` is understood, and not acted on yet"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_a_mistake_is_told_with_its_place_and_its_remedy(files, given, expected):
    assert expected in files.findings(**{"krd": KRD_YAML, "okrs": kr(), **given})


def test_the_files_behind_the_mistakes_are_sound(files):
    assert files.findings(krd=KRD_YAML, okrs=kr()) == []


def test_all_mistakes_of_all_files_are_told_at_once(files):
    okrs = kr('{source: prot, query: "BROKEN"}', "from: 1,5\n        too: 60")
    found = [
        line.split(" error ")[0] + " " + line.split(" error ")[1][:6]
        for line in files.findings(
            **krd("lead: li", "lead: lee"), okrs=okrs, more={"okrs/two.yaml": "team: [\n"}
        )
    ]
    assert found == [
        "krd.yaml:4:22: KRD301",
        "okrs/team.yaml:11:15: KRD203",
        "okrs/team.yaml:12:9: KRD201",
        "okrs/two.yaml:2:1: KRD103",
    ]


def test_what_is_sound_in_a_file_with_a_mistake_is_checked_too(files):
    okrs = kr("{source: prot, query: x}", extra="      - {id: broken}\n")
    assert "okrs/team.yaml:10:27: error KRD303" in "\n".join(files.findings(krd=KRD_YAML, okrs=okrs))


def test_a_mistake_in_one_cycle_does_not_move_the_place_of_another(files):
    said = files.findings(
        krd=KRD_YAML.replace(
            "[2026-Q4, {id: lab, starts: first run, days: 100, day: 6s}]",
            "[x, {id: lab, starts: 2026-10-01}]",
        )
    )
    assert [line.split(":")[1:3] for line in said if "krd.yaml" in line.split(":")[0]] == [
        ["2", "10"],
        ["2", "13"],
    ]


def test_more_than_five_key_results_an_objective_are_a_list_of_tasks(files):
    more = "".join(kr()[kr().index("      - id") :].replace("latency\n", f"l{n}\n", 1) for n in range(5))
    assert files.findings(krd=KRD_YAML, okrs=kr(extra=more)) == [
        "okrs/team.yaml:6:5: warning KRD701: the objective has 6 key results; keep at most 5; 3 are ideal"
    ]


def test_more_than_four_objectives_a_team_are_no_focus(files):
    more = "".join(f"  - {{id: o{n}, title: Be good}}\n" for n in range(4))
    assert files.findings(krd=KRD_YAML, okrs=kr(extra=more)) == [
        "okrs/team.yaml:3:1: warning KRD702: the team shop has 5 objectives in 2026-Q4; keep at most 4"
    ]


def test_a_folder_without_key_results_is_pointed_out(files):
    files.write("krd.yaml", KRD_YAML)
    files.load(krd=KRD_YAML)
    (files.root / "okrs/team.yaml").unlink()
    assert [str(finding) for finding in files.again().findings] == [
        "krd.yaml:1:1: warning KRD101: there are no key results: no okrs/*.yaml beside it; write okrs/<team>.yaml"
    ]


def test_every_code_is_earned_by_a_mistake_here():
    shown = {word.rstrip(":") for case in MISTAKES for word in case[2].split() if word.startswith("KRD")}
    assert set(CODES) - shown == {"KRD101", "KRD701", "KRD702"}  # these have tests of their own above


def test_a_secret_is_never_repeated(files):
    secret = "hunter2-hunter2"
    said = "\n".join(
        files.findings(
            krd=KRD_YAML.replace("{env: WAREHOUSE_URL}", f"postgresql://u:{secret}@h/d").replace(
                "kind: prometheus,",
                f"kind: prometheus, bearer: {secret}, timeout: {secret}, extra: {secret},",
            )
            + f"heartbeat: {{url: {secret}}}\npage: https://krd:{secret}@krd.example\n"
        )
    )
    assert said.count("KRD205") == 3
    assert "holds a user or a password" in said
    assert secret not in said
