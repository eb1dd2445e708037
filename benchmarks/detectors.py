"""What the detectors beside drift find, and how often they are mistaken, each beside the plain rule in the same run.

Quarters of 91 days with 28 before them are made up: white noise, noise that remembers (AR(1) with 0.5 and 0.8), heavy
tails (Student t with 3.5 degrees), a habit of weekdays, counts. False alarms are alarms within the quarter, for one key
result; found means within seven days. Every rule sees each day what was known on it, and nothing later.

Sudden change: beside the same sums without the correction for autocorrelation. Flat line: beside four equal days in a row,
whatever the habit. Change of unit: beside a single day near a factor. Regression: beside progress alone. Achieved early:
beside the first day on which the level is at its target; neither asks P(hit) here.

Limits, false alarms of a key result and quarter: sudden change 0.02 on white noise, 0.05 and 0.10 where it remembers, 0.03
with heavy tails; flat line, of values that hardly repeat, and change of unit 0.01. 0.95 of the shifts by 5 standard deviations of white noise are found.
"""

from __future__ import annotations

from benchmarks.command import Options, Report, Row, run

FALSE = {"white": 0.02, "ar5": 0.05, "ar8": 0.10, "heavy": 0.03}
"""Limits of false sudden changes, by the kind of noise."""
RARE = 0.01
"""Limit of false flat lines and changes of unit."""
FOUND = 0.95
"""Limit, from below, of the shifts by 5 standard deviations that are found in white noise."""


def measure(options: Options) -> Report:
    """Make the quarters up, and let every rule look at them."""
    from benchmarks import detectors_beside, detectors_noise, detectors_shift  # noqa: PLC0415  (there once the setup has ended)

    count = 60 if options.small else 2000
    figures: dict[str, float] = {"n": count}
    shift = detectors_shift.measured(count, options.seed)
    beside = detectors_beside.measured(max(count // 5, 30), options.seed)
    rows = [
        Row(
            f"sudden change, {detectors_noise.WORDS[kind]}",
            f"{found.false:.3f} false",
            f"uncorrected {found.naive_false:.3f}"
            + (f", {found.false / FALSE[kind]:.2f} × limit of {FALSE[kind]:g}" if kind in FALSE else ""),
        )
        for kind, found in shift.items()
    ]
    for kind, found in shift.items():
        figures[f"change_false_{kind}"] = round(found.false, 4)
        figures[f"change_false_{kind}_naive"] = round(found.naive_false, 4)
        for size, share in found.found.items():
            figures[f"change_found_{size}_{kind}"] = round(share, 4)
            figures[f"change_found_{size}_{kind}_naive"] = round(found.naive_found[size], 4)
    rows += [
        Row(
            f"  shifts by {size} sd found, {detectors_noise.WORDS[kind]}",
            f"{100 * share:.0f} %",
            f"uncorrected {100 * shift[kind].naive_found[size]:.0f} %",
        )
        for kind in FALSE
        for size, share in shift[kind].found.items()
    ]
    figures["change_spike"] = round(shift["white"].spikes, 4)
    figures["change_day_error"] = shift["white"].day_error
    rows.append(Row("  single days of 15 sd taken for one", f"{100 * shift['white'].spikes:.1f} %"))
    for name, (ours, plain, words) in beside.items():
        figures[name], figures[f"{name}_naive"] = round(ours, 4), round(plain, 4)
        rows.append(Row(words, f"{ours:.3f}", f"plain rule {plain:.3f}"))
    figures |= {f"limit_false_{kind}": limit for kind, limit in FALSE.items()}
    figures |= {"limit_rare": RARE, "limit_found": FOUND}
    return Report(figures, rows, [f"{count:,} key results of each kind, seed {options.seed}"])


if __name__ == "__main__":
    run(__doc__, measure)
