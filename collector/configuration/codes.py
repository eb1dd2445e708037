"""The stable codes of findings, with the reason for each rule: the linter's table of contents.

KRD1xx: the text of a file. KRD2xx: keys and values. KRD3xx: names. KRD4xx: what is promised. KRD5xx: what is measured.
KRD6xx: time. KRD7xx: advice. KRD9xx: good to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CODES: Mapping[str, str] = MappingProxyType(
    {
        "KRD101": "A file that cannot be read is not skipped: what it promises would silently vanish.",
        "KRD102": "A file is UTF-8 text of at most 1 MiB.",
        "KRD103": "The text is not YAML 1.2.",
        "KRD104": "A key stands twice in the same mapping; YAML readers disagree about which one counts.",
        "KRD105": "Aliases, depth and tags are bounded, so that a small file cannot become a large one.",
        "KRD106": "An unquoted query ends at ` #`: the rest would be cut off without a word.",
        "KRD107": "A number with a leading zero means different things to different readers.",
        "KRD108": "A file holds exactly one mapping.",
        "KRD201": "A key is unknown; a misspelt key would be ignored for a whole cycle.",
        "KRD202": "A required key is missing.",
        "KRD203": "A value is not of the kind that its key takes.",
        "KRD204": "A kind of source or notifier is not known here.",
        "KRD205": "An option of a source or notifier is wrong.",
        "KRD301": "A person is named who is not in `people`.",
        "KRD302": "A team is named that is not in `teams`.",
        "KRD303": "A source is named that is not in `sources`.",
        "KRD304": "A notifier is named that is not in `notify`.",
        "KRD305": "A cycle is named that is not in `cycles`.",
        "KRD306": "A measure is named that is not in `measures`.",
        "KRD307": "An address leads nowhere.",
        "KRD308": "An address is taken: it must be unique in its cycle.",
        "KRD309": "An earlier id (`was`) is free, and continued by one key result: two would share a history.",
        "KRD310": "A notifier that takes alerts alone carries no escalation: nobody would be told.",
        "KRD401": "A key result has exactly one shape: reach, total, keep or slo.",
        "KRD402": "A reach leads from one number to another one.",
        "KRD403": "A total has exactly one bound, which is not negative.",
        "KRD404": "A band to keep has a bound and a share below 100 %.",
        "KRD405": "An slo is above 0 and below 100 %: nothing is allowed to fail at 100 %.",
        "KRD406": "A key result needs an owner: someone is told.",
        "KRD407": "A pace fits into its cycle.",
        "KRD408": "The guardrails of a key result have different ids.",
        "KRD409": "A pace spreads a way: a reach has one, and a total of at least so many; a budget has none.",
        "KRD410": "The points of a pace lie on the way, and lead from the baseline to the target.",
        "KRD411": "The level of a reach is judged over at least a day, and at most the cycle.",
        "KRD501": "A measure has exactly one form.",
        "KRD502": "A file with a query cannot be read.",
        "KRD503": "A query has a mistake that shows without asking the source.",
        "KRD504": "A query that knows its window's start but not its end answers every past slot with today's rows.",
        "KRD505": "The query of a total counts from the cycle's start.",
        "KRD506": "A plausible range has a lower and a higher end.",
        "KRD507": "The form of a measure does not fit the shape of its key result.",
        "KRD508": "A total is measured over the whole cycle.",
        "KRD509": "A key of a measure means nothing in its form; nobody would obey it.",
        "KRD510": "Late rows can be read again only where the query is asked about the past.",
        "KRD511": "An expression has names of measures, numbers, + - * / ( ), min, max and abs, and a value.",
        "KRD512": "A measure that is defined by itself has no value.",
        "KRD513": "The operand of an expression is read from a source.",
        "KRD514": "The operands of an expression are read at the same slots, and speak of the same days.",
        "KRD515": "A value by hand stands for one day that has come, up to the end of the cycle.",
        "KRD601": "A cycle has a start, an end and at least one day.",
        "KRD602": "A sync does not fit the cycle's days.",
        "KRD603": "A reading interval is at least a second, and fits the cycle.",
        "KRD604": "A deadline lies within the cycle.",
        "KRD605": "A window cannot be told from the interval.",
        "KRD606": "Quiet hours are a night: they span midnight, or begin at it.",
        "KRD607": "An alert is said again no sooner than its group may speak again.",
        "KRD701": "More than five key results an objective are a list of tasks; three are ideal.",
        "KRD702": "More than four objectives a team are no focus.",
        "KRD703": "A notifier whose `only` lets nothing through is never told anything.",
        "KRD901": "The definition is understood; this version does not measure it yet.",
        "KRD902": "The key is understood; this version does not act on it yet.",
    }
)
