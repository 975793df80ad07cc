# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Unit tests under KUnit: the debug kernel as a program, without Xen."""

import glob
import os
import re
import shutil
import subprocess
import time

from . import (cpio, debugkernel, logscan, packages, paths, sysroot, ui,
               uml)

FOLDERS = paths.FOLDERS + ("selftests/unit",)
ENDING = "_test.c"
LIMIT = 60      # seconds, from starting the kernel to its end
SUITE = re.compile(r"    # Subtest: (\S+)")
CASE = re.compile(r"    (ok|not ok) \d+ (\S+)(.*)$")


def suites():
    """The names of all: selftests/unit/NAME_test.c."""
    files = glob.glob(os.path.join(paths.SELFTESTS, "unit/*" + ENDING))
    return sorted(os.path.basename(name).removesuffix(ENDING)
                  for name in files)


def build(kernel, names):
    """Build selftests/unit against the debug kernel, out of the tree, as far as
    something has changed; returns the modules of the named suites."""
    target = os.path.join(paths.BUILD, "unit-" + kernel.identity)
    place = os.path.join(target, "selftests/unit")
    commands = (["make", "-C", paths.TREE, "links", "KDIR=" + kernel.kdir,
                 "OUT=" + target, "FOLDERS=" + " ".join(FOLDERS)],
                kernel.make + ["M=" + place, "W=1", "modules"])
    with ui.step("building the unit tests", counted=False):
        for command in commands:
            done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            if done.returncode:
                raise ui.Failure("the unit tests do not build:\n" +
                                 done.stdout[-4000:])
    with open(os.path.join(target, "build.log"), "w") as stream:
        stream.write(done.stdout)
    return [os.path.join(place, name + "_test.ko") for name in names]


def initramfs(modules):
    tree = cpio.Tree()
    sysroot.add_base(tree)
    tree.file("init", os.path.join(paths.SELFTESTS, "kernel/unit-init"))
    for module in modules:
        tree.file("tests/" + os.path.basename(module), module)
    target = os.path.join(paths.BUILD, "unit.cpio")
    paths.write_atomic(target, tree.cpio())
    return target


class Outcome:
    def __init__(self):
        self.cases = []         # (suite, case, passed, rest, diagnosis)
        self.leaks = []
        self.problems = []
        self.complete = False
        self.suite = ""
        self.pending = []

    def result(self, line):
        """One line of KUnit's results; what stands before a case explains it."""
        suite = SUITE.match(line)
        case = CASE.match(line)
        if suite:
            self.suite = suite[1]
        elif case:
            self.cases.append((self.suite, case[2], case[1] == "ok",
                               case[3].strip(), self.pending))
        elif line.strip() and not re.match(r"\s*(KTAP|1\.\.)", line):
            self.pending.append(line.strip())
        if suite or case:
            self.pending = []


def watch(lines):
    outcome = Outcome()
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "result":
            outcome.result(rest)
        elif word == "leak":
            outcome.leaks.append(rest)
        elif word == "problem":
            outcome.problems.append(rest)
        elif word == "done":
            outcome.complete = True
    if not outcome.complete:
        outcome.problems.append("the kernel ended or hung")
    return outcome


def boot(kernel, image, names):
    # some of them leave alone what a run of all has to say
    folder = os.path.join(paths.LOGS, "-".join(["unit", *names]))
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    console = os.path.join(folder, "console.log")
    with ui.step("running the unit tests", counted=False):
        outcome = watch(uml.boot(kernel, image, console, LIMIT))
    return outcome, console


def check(names):
    unknown = sorted(set(names) - set(suites()))
    if unknown:
        raise ui.Failure("no unit tests %s; there are: %s" % (
            " ".join(unknown), " ".join(suites())))


def run(report, names=()):
    """Add every KUnit case to the report, and one test for the rest. Names are
    those of suites(); without any all are run."""
    check(names)
    packages.look_up(debugkernel.SOURCE, sysroot.BUSYBOX)
    kernel = debugkernel.DebugKernel("uml")
    try:
        kernel.root     # its building is not the tests' time
        begin = time.monotonic()
        modules = build(kernel, names or suites())
    except ui.Failure as failure:
        report.add("unit", False, notes=[failure])
        return
    outcome, console = boot(kernel, initramfs(modules), names)
    for suite, name, passed, rest, diagnosis in outcome.cases:
        skipped = rest if "SKIP" in rest else None
        report.add("unit/%s/%s" % (suite, name), passed,
                   notes=[] if passed else diagnosis, skipped=skipped,
                   again="selftests/run unit")
    with open(console, errors="replace") as stream:
        trouble = logscan.trouble(stream.read())
    notes = (outcome.problems + outcome.leaks[:40] +
             ["in the log: " + line for line in trouble[:20]])
    good = outcome.complete and outcome.cases and not notes
    if not good:
        notes.append("log: " + console)
    report.add("unit/no-leak-no-warning", bool(good),
               time.monotonic() - begin, notes, again="selftests/run unit")
