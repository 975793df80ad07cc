# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Runs cases in as few boots as their outcomes allow."""

import functools
import os
import shutil
import threading

from . import (hostcase, images, kernels, logscan, modules, paths, powercut,
               qemu, ui)
from .debugkernel import DebugKernel
from .dom0 import Dom0
from .headstart import HeadStart

SKIP = 4

# A machine with dom0 and guests slows down to a quarter where two share two
# cores (vCPUs wait for vCPUs that do not run), and a
# boot of its own is worth it from some cases on.
CORES_EACH = 2
CASES_EACH = 4


class Images:
    """Everything a boot needs, built once for a run.

    `others` are the series of kernels that guests have besides 6.1, or "debug".
    """

    def __init__(self, drivers, kernel=None, others=()):
        self.drivers = drivers
        guests = kernels.Kernel("6.1")
        self.kernel = kernel or guests
        folder = None
        if drivers == "ours":
            folder = modules.build(self.kernel)
        self.assets = images.assets(
            guests, images.guest_tree(guests),
            [_other_guest(series) for series in others])
        with ui.step("building dom0's image"):
            self.tree = images.dom0_tree(self.kernel, drivers, folder)

    @functools.cached_property
    def initramfs(self):
        """For a boot from its beginning."""
        return images.dom0_initramfs(self.tree, "dom0-%s-%s.cpio" % (
            self.drivers, self.kernel.release))

    @functools.cached_property
    def head_start(self):
        return HeadStart(self.kernel, self.tree, self.assets)

    def dom0(self, case, log_folder):
        """One that goes on from a state, where the case asks for no other. The
        debug kernel boots seldom, and what it says from the beginning counts."""
        if not (self.kernel.series == "debug" or case.dom0 or case.clock):
            return self.head_start.dom0(log_folder)
        return Dom0(self.kernel, self.initramfs, self.assets, log_folder,
                    ("mode=agent " + case.dom0).strip(),
                    machine=({"engine": qemu.SIMULATED_TIME}
                             if case.clock else None))


def _other_guest(series):
    """A kernel and its initramfs. The debug kernel has no drivers for the
    devices of its own: its guests get ours."""
    if series == "debug":
        kernel = DebugKernel("pv")
        ours = modules.build(kernel)
    else:
        kernel = kernels.Kernel(series)
        ours = None
    return kernel, images.guest_tree(kernel, ours=ours)


class Queue:
    """The cases still to be run, by whichever worker is free."""

    def __init__(self, cases):
        self.cases = list(cases)
        self.boots = 0
        self.lock = threading.Lock()

    def take(self):
        with self.lock:
            return self.cases.pop(0) if self.cases else None

    def number(self):
        with self.lock:
            self.boots += 1
            return self.boots


class Suite:
    """Runs cases one after the other; a bad one costs a fresh boot. `passed` is
    called with each case that passes and the seconds it took."""

    def __init__(self, built, report, queue, label="", patience=1,
                 tier="check", passed=None):
        self.label = label
        self.images = built
        self.tier = tier
        self.passed = passed
        self.report = report
        self.queue = queue
        self.patience = patience
        self.dom0 = None
        self.outcomes = {}

    def run(self):
        case = self.queue.take()
        try:
            while case:
                self._run_whole(case)
                case = self.queue.take()
        finally:
            self._end_boot()

    def _run_whole(self, case):
        try:
            with qemu.turn:
                self._run_one(case)
        except Exception as error:      # one that no other case may be lost by
            self.report.add(case.name, False, notes=[repr(error)])
            self._end_boot()

    def _end_boot(self):
        if self.dom0:
            self.dom0.stop()
            self.dom0 = None

    def _start_boot(self, case):
        folder = os.path.join(paths.LOGS, "boot-%s%d" % (
            self.label, self.queue.number()))
        self.dom0 = self.images.dom0(case, folder)
        try:
            self.dom0.start()
        except ui.Failure:
            self.dom0 = None
            raise

    def _run_one(self, case):
        if case.drivers not in ("any", "both", self.images.drivers):
            self.report.add(case.name, True,
                            skipped="not with these drivers")
            return
        shutil.rmtree(os.path.join(paths.LOGS, case.name), ignore_errors=True)
        if case.boot == "fresh":
            self._end_boot()
        if case.host:
            self._run_host(case)
            return
        try:
            if not self.dom0:
                self._start_boot(case)
        except ui.Failure as failure:
            self.report.add(case.name, False, notes=[failure])
            return
        ui.say("case %s: %s" % (case.name, case.what))
        outcome = self.dom0.run(
            case.name, case.limit * self.patience,
            lambda text: ui.say("  %s: %s" % (case.name, text)),
            case.rounds_in(self.tier))
        self.outcomes[case.name] = outcome
        self._judge(case, outcome)

    def _run_host(self, case):
        ui.say("case %s: %s" % (case.name, case.what))
        outcome = powercut.run(
            self.images, case,
            lambda text: ui.say("  %s: %s" % (case.name, text)),
            case.rounds_in(self.tier))
        self._judge(case, outcome)

    def _judge(self, case, outcome):
        good = add(self.report, case, outcome, self.images.drivers)
        if good and outcome.status == 0 and self.passed:
            self.passed(case, outcome.seconds)
        if not good or case.boot != "shared":
            self._end_boot()


def add(report, case, outcome, drivers):
    """A case's outcome to the report; whether it passed, or is skipped."""
    lines = logscan.trouble(outcome.console, case.allow)
    good = outcome.status in (0, SKIP) and not lines
    skipped = None
    notes = list(outcome.notes)
    if not good:
        notes += ["in the log: " + line for line in lines[:20]]
        notes.append("exit status %s" % outcome.status)
        notes += last_lines(case.name)
    elif outcome.status == SKIP:
        skipped = notes[-1] if notes else "not possible"
    notes += ["%s = %s" % figure for figure in outcome.figures]
    again = "selftests/run %s%s" % (
        "--drivers intree " if drivers == "intree" else "", case.name)
    report.add(shown_as(case, drivers), good, outcome.seconds, notes, skipped,
               budget=case.budget, again=again,
               logs=os.path.join(paths.LOGS, case.name))
    return good


def shown_as(case, drivers):
    """A case that both drivers pass is two tests."""
    if case.drivers == "both" and drivers == "intree":
        return case.name + "-intree"
    return case.name


def run_here(report, case, tier):
    """A case that is a script for this machine; see hostcase.py. Returns the
    seconds in which it passed, or None."""
    shutil.rmtree(os.path.join(paths.LOGS, case.name), ignore_errors=True)
    ui.say("case %s: %s" % (case.name, case.what))
    with qemu.turn:
        outcome = hostcase.run(
            case, lambda text: ui.say("  %s: %s" % (case.name, text)),
            case.rounds_in(tier))
    good = add(report, case, outcome, "")
    return outcome.seconds if good and outcome.status == 0 else None


def run(built, report, cases, label, tier="check", passed=None):
    """Run cases on as many machines at a time as there are cores
    and cases enough to keep them busy."""
    queue = Queue(cases)
    workers = max(1, min((os.cpu_count() or 1) // CORES_EACH,
                         len(cases) // CASES_EACH))
    suites = [Suite(built, report, queue, label, workers, tier, passed)
              for _ in range(workers)]
    threads = [threading.Thread(target=suite.run) for suite in suites]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return suites


def last_lines(name, count=15):
    """The end of a case's own output, for the report of a failure."""
    path = os.path.join(paths.LOGS, name, "output")
    if not os.path.exists(path):
        return []
    with open(path, errors="replace") as stream:
        return ["output: " + line for line in
                stream.read().splitlines()[-count:]]
