# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Results as KTAP on stdout; at the end what took how long, what failed and how
to run just that again, and the count."""

import dataclasses
import sys
import threading

SLOWEST = 0.05      # shares of the whole below which steps are not listed


@dataclasses.dataclass
class Result:
    name: str
    passed: bool
    seconds: float = None   # None: not timed
    skipped: str = None     # why it was not possible
    budget: int = None      # seconds it may take, as its header says
    earlier: str = None     # when it was shown, if not in this run
    reason: str = ""        # the first thing said about a failure
    again: str = ""         # what to type for just this one
    logs: str = ""

    @property
    def over(self):
        return (self.budget and self.seconds and not self.earlier and
                self.seconds > self.budget)


class Report:
    """May be added to from several threads; a test's lines stay together."""

    def __init__(self):
        self.results = []
        self.lock = threading.Lock()
        print("KTAP version 1", flush=True)

    def add(self, name, passed, seconds=None, notes=(), skipped=None, **more):
        """`notes` are what is said about it; the first one of a failure is its
        reason. `more` are further fields of Result."""
        notes = [part for note in notes for part in str(note).splitlines()]
        result = Result(name, passed, seconds, skipped,
                        reason=notes[0] if notes else "", **more)
        with self.lock:
            self.results.append(result)
            for note in notes:
                print("# " + note)
            print(self._line(result, len(self.results)), flush=True)

    def _line(self, result, number):
        line = "%s %d %s" % ("ok" if result.passed else "not ok", number,
                             result.name)
        if result.skipped is not None:
            return line + " # SKIP " + result.skipped
        if result.seconds is not None:
            line += " # %.1f s" % result.seconds
        if result.earlier:
            line += ", shown %s" % result.earlier
        return line

    def finish(self, steps=()):
        """Print the plan, the tables and the count; the exit status of the
        run. `steps` are (what, seconds) that belong to no test."""
        print("1..%d" % len(self.results))
        self._times(steps)
        failed = [result for result in self.results if not result.passed]
        skipped = sum(1 for result in self.results
                      if result.skipped is not None)
        for result in failed:
            print("\n".join("# " + line for line in failure(result)))
        if failed:
            print("# failed: " + " ".join(result.name for result in failed))
        passed = len(self.results) - len(failed) - skipped
        text = "%d passed, %d failed" % (passed, len(failed))
        if skipped:
            text += ", %d skipped" % skipped
        print(text)
        sys.stdout.flush()
        return 1 if failed or not passed else 0

    def _times(self, steps):
        now = [result for result in self.results
               if result.seconds is not None and not result.earlier]
        if not now:
            return
        print("# seconds  budget  test")
        for result in sorted(now, key=lambda result: -result.seconds):
            print("# %7.1f  %6s  %s%s" % (
                result.seconds, result.budget or "-", result.name,
                "   <- over its budget" if result.over else ""))
        total = sum(result.seconds for result in now)
        print("# %7.1f          %d tests that were timed" % (total, len(now)))
        for what, seconds in sorted(steps, key=lambda step: -step[1]):
            if seconds > SLOWEST * total:
                print("# %7.1f          before or between: %s" % (seconds,
                                                                  what))
        earlier = [result for result in self.results if result.earlier]
        if earlier:
            print("# %d were shown before on the same inputs, and not run "
                  "again" % len(earlier))


def failure(result):
    """A failure in three lines."""
    lines = ["FAILED %s: %s" % (result.name, result.reason or "no reason")]
    if result.logs:
        lines.append("  its logs:      " + result.logs)
    if result.again:
        lines.append("  just this one: " + result.again)
    return lines
