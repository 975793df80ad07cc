# SPDX-License-Identifier: GPL-2.0 OR MIT
"""make bench and make profile: both sides at once, then the results."""

import os
import subprocess
import threading

from harness import dom0, kernels, modules, packages, paths, ui

from . import (chart, jobs, jobs_saturated, profile, report, result, rig,
               table)
from .jobs_disk import LOOP, NATIVE, QDISK

REPEATS = 3
# A machine under icount is one thread.
machines = threading.Semaphore(max(2, os.cpu_count() or 1))


def older(revision):
    """A Side with our drivers as they were at a revision."""
    done = subprocess.run(["git", "-C", paths.TREE, "rev-parse", "--short=12",
                           "--verify", revision + "^{commit}"], text=True,
                          capture_output=True)
    if done.returncode:
        raise ui.Failure("no revision %s: %s" % (revision, done.stderr))
    name = done.stdout.strip()
    tree = os.path.join(paths.BUILD, "base", name)
    if not os.path.exists(os.path.join(tree, "Makefile")):
        os.makedirs(tree, exist_ok=True)
        subprocess.run("git -C '%s' archive %s | tar -x -C '%s'" % (
            paths.TREE, name, tree), shell=True, check=True)
    # there was a time when a loop device was needed
    native = os.path.exists(os.path.join(tree, "blkback/io-file.c"))
    return rig.Side(name[:10], "ours", NATIVE if native else LOOP,
                    modules.build(kernels.Kernel("6.1"), tree=tree))


def sides(kernel, base, chosen):
    """What is compared: in-tree or an older revision; ours; for files QEMU.

    QEMU has the in-tree gntdev and evtchn below it, as elsewhere.
    """
    ours = rig.Side("ours", "ours", NATIVE, modules.build(kernel))
    if base:
        return [older(base), ours]
    stock = rig.Side("in-tree", "intree", LOOP)
    if any(job.file for job in chosen):
        return [stock, rig.Side("qdisk", "intree", QDISK), ours]
    return [stock, ours]


class Measurement(threading.Thread):
    """All jobs on one side; a side that dies is booted again."""

    def __init__(self, built, side, chosen):
        super().__init__(daemon=True)
        self.built = built
        self.side = side
        self.chosen = chosen
        self.outcomes = {}
        self.rig = None
        self.error = None

    def run(self):
        with machines:
            try:
                for job in self.chosen:
                    self.outcomes[job.name] = self._job(job)
            except Exception as error:     # shown by the main thread
                self.error = error
            finally:
                self._end()

    def _end(self):
        if self.rig:
            self.rig.end()
            self.rig = None

    def _job(self, job):
        try:
            if not self.rig:
                self.rig = rig.Rig(self.built, self.side)
            repeats = self.rig.measure(job, REPEATS)
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


def measure(chosen, base):
    """(sides, {side: {job: Outcome}}) of some jobs."""
    kernel = kernels.Kernel("6.1")
    compared = sides(kernel, base, chosen)
    built = rig.Images(kernel)
    threads = [Measurement(built, side, [job for job in chosen
                                         if side.does(job)])
               for side in compared]
    # the side with the fewest jobs takes the place of what is done first
    for thread in sorted(threads, key=lambda thread: -len(thread.chosen)):
        thread.start()
    for thread in threads:
        thread.join()
        if thread.error:
            raise thread.error
    return compared, {thread.side.name: thread.outcomes
                      for thread in threads}


def bench(names, base):
    packages.install_tools()
    chart.install()
    chosen = jobs.choose(names)
    if not names and not jobs_saturated.available():
        ui.say("saturated jobs are left out: no selftests/loadgen here")
    compared, outcomes = measure(chosen, base)
    print("\n".join(table.summary(chosen, outcomes, compared)))
    for job in chosen:
        print()
        print("\n".join(table.counters(job, outcomes, compared)))
    data = report.write(chosen, outcomes, compared)
    profiles = report.write_profiles(chosen, outcomes, compared)
    drawing = chart.draw(data)
    print("\nfigures: %s\nprofiles: %s\nchart: %s" % (data, profiles,
                                                      drawing))
    return report.status(chosen, outcomes, compared)


def profile_of(names, base):
    if len(names) != 1:
        raise ui.Failure("make profile JOB=NAME: one job")
    packages.install_tools()
    chosen = jobs.choose(names)
    compared, outcomes = measure(chosen, base)
    print("\n".join(table.summary(chosen, outcomes, compared)))
    compared = [side for side in compared if side.does(chosen[0])]
    for side in compared:
        outcome = outcomes[side.name][chosen[0].name]
        if outcome.failure:
            raise ui.Failure(outcome.failure)
    print()
    print("\n".join(profile.show(chosen[0], outcomes, compared)))
    return 0
