# SPDX-License-Identifier: GPL-2.0 OR MIT
"""From runs to figures: differences, medians, limits, ratios. Pure."""

import dataclasses
import statistics
import typing


@dataclasses.dataclass
class Run:
    """One run of a job's work."""

    n: int
    instructions: int
    events: dict        # counted by the plugin
    figures: dict       # reported by dom0 and the guest; "cpu": nanoseconds
    functions: dict     # instructions by function


@dataclasses.dataclass
class Outcome:
    """A job on one side: repeats of (short run, long run), or a failure."""

    repeats: list
    failure: str = ""
    skipped: bool = False   # the failure is that it is not offered

    def each(self, value, per=1.0):
        """value(run) for one unit, of each repeat; the fixed part cancels."""
        return [(value(long) - value(short)) / ((long.n - short.n) * per)
                for short, long in self.repeats]

    def median(self, value, per=1.0):
        return statistics.median(self.each(value, per))

    def names(self, field):
        found = set()
        for pair in self.repeats:
            for run in pair:
                found |= set(getattr(run, field))
        return found


class Judged(typing.NamedTuple):
    """A side's outcome and what must have been done in it, see undone()."""

    name: str
    outcome: Outcome
    checks: tuple


def instructions(run):
    return run.instructions


def cpu_time(run):
    return run.figures.get("cpu", 0)


def spread(values):
    """Largest difference between repeats, in per cent of the median."""
    middle = statistics.median(values)
    return 100.0 * (max(values) - min(values)) / middle if middle else 0.0


def undone(outcome, checks, slack=0):
    """What was not done exactly as often as asked for; "" when all was.

    `checks` are (figures, times): the sum of the figures, joined by "+", is
    `times` for each of n.
    """
    for pair in outcome.repeats:
        for run in pair:
            for names, times in checks:
                got = sum(run.figures.get(name, 0)
                          for name in names.split("+"))
                if abs(got - times * run.n) > slack:
                    return "%s is %d, not %d" % (names, got, times * run.n)
    return ""


def compare(base, ours, limit, slack=0):
    """(ratio, "") or (None, the reason why there is none) of two Judged."""
    for _, outcome, checks in (base, ours):
        if outcome is None:
            return None, "not measured"
        if outcome.failure:
            return None, outcome.failure
        missing = undone(outcome, checks, slack)
        if missing:
            return None, missing
    for name, outcome, _ in (base, ours):
        off = spread(outcome.each(instructions))
        if off > limit:
            return None, "%s: repeats differ by %.1f %%" % (name, off)
    below = base.outcome.median(instructions)
    if below <= 0:
        return None, "nothing measured"
    return ours.outcome.median(instructions) / below, ""
