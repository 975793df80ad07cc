# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Results as KTAP on stdout, and the count at the end."""

import sys
import threading


class Report:
    """May be added to from several threads; a test's lines stay together."""

    def __init__(self):
        self.results = []
        self.lock = threading.Lock()
        print("KTAP version 1", flush=True)

    def add(self, name, passed, seconds=None, notes=(), skipped=None):
        with self.lock:
            self._add(name, passed, seconds, notes, skipped)

    def _add(self, name, passed, seconds, notes, skipped):
        self.results.append((name, passed, skipped is not None))
        line = "%s %d %s" % ("ok" if passed else "not ok", len(self.results),
                             name)
        if skipped is not None:
            line += " # SKIP " + skipped
        elif seconds is not None:
            line += " # %.1f s" % seconds
        for note in notes:
            for part in str(note).splitlines():
                print("# " + part)
        print(line, flush=True)

    def finish(self):
        """Print the plan and the count; the exit status of the run."""
        print("1..%d" % len(self.results))
        skipped = sum(1 for result in self.results if result[2])
        failed = [name for name, passed, _ in self.results if not passed]
        passed = len(self.results) - len(failed) - skipped
        if failed:
            print("# failed: " + " ".join(failed))
        text = "%d passed, %d failed" % (passed, len(failed))
        if skipped:
            text += ", %d skipped" % skipped
        print(text)
        sys.stdout.flush()
        return 1 if failed or not passed else 0
