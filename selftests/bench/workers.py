# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Machines that share the jobs of all sides, as many at once as CPUs bear."""

import os
import threading

from harness import ui

from . import result, rig

REPEATS = 3
# A machine under icount is one thread and 2 GiB.
MACHINES = min(3, max(2, os.cpu_count() or 1))


class Pieces:
    """What is still to be done: (side, jobs that need the same guests)."""

    def __init__(self, sides, chosen):
        self._lock = threading.Lock()
        self._left = []
        self._begun = []
        for side in sides:
            setups = {}
            for job in chosen:
                if side.does(job):
                    setups.setdefault(job.setup, []).append(job)
            self._left += [(side, same) for same in setups.values()]

    def take(self, booted):
        """A piece of the side that is booted, else of one that nobody has
        begun with, the largest first."""
        with self._lock:
            if not self._left:
                return None
            sides = [side for side, _ in self._left]
            piece = min(self._left, key=lambda piece: (
                piece[0] is not booted, piece[0] in self._begun,
                -sides.count(piece[0])))
            self._left.remove(piece)
            self._begun.append(piece[0])
            return piece


class Worker(threading.Thread):
    """A machine at a time; one that dies is booted again."""

    def __init__(self, number, built, pieces, outcomes, repeats):
        super().__init__(daemon=True)
        self.repeats = repeats
        self.number = number
        self.built = built
        self.pieces = pieces
        self.outcomes = outcomes    # {side: {job: Outcome}}
        self.side = None
        self.rig = None
        self.error = None

    def run(self):
        try:
            while True:
                piece = self.pieces.take(self.side)
                if not piece:
                    break
                self._do(*piece)
        except Exception as error:     # shown by the main thread
            self.error = error
        finally:
            self._end()

    def _do(self, side, jobs):
        if side is not self.side:
            self._end()
            self.side = side
        for job in jobs:
            self.outcomes[side.name][job.name] = self._job(job)

    def _end(self):
        if self.rig:
            self.rig.end()
            self.rig = None

    def _job(self, job):
        try:
            if not self.rig:
                self.rig = rig.Rig(self.built, self.side, self.number)
            repeats = self.rig.measure(job, self.repeats)
        except rig.Refused as failure:
            ui.say("%s: %s" % (job.name, failure))
            return result.Outcome([], str(failure),
                                  isinstance(failure, rig.NotOffered))
        except ui.Failure as failure:
            ui.say("%s: %s" % (job.name, failure))
            self._end()
            return result.Outcome([], str(failure))
        outcome = result.Outcome(repeats)
        ui.say("%s, %s: %.0f instructions per %s" % (
            job.name, self.side.name,
            outcome.median(result.instructions, job.per), job.unit))
        return outcome


def measure(built, sides, chosen, repeats=REPEATS):
    """{side: {job: Outcome}} of the jobs that each side does."""
    outcomes = {side.name: {} for side in sides}
    pieces = Pieces(sides, chosen)
    threads = [Worker(number, built, pieces, outcomes, repeats)
               for number in range(min(MACHINES, len(sides)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for thread in threads:
        if thread.error:
            raise thread.error
    return outcomes
