# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Unit tests under KUnit: the debug kernel in plain QEMU, without Xen."""

import os
import re
import shutil
import subprocess
import time

from . import cpio, logscan, paths, qemu, sysroot, ui
from .debugkernel import DebugKernel

FOLDERS = ("evtchn", "gntdev", "xenbus", "blkback", "netback", "compat",
           "selftests/unit")
LIMIT = 300
CASE = re.compile(r"    (ok|not ok) \d+ (\S+)(.*)$")


def build(kernel):
    """Build selftests/unit against the debug kernel, out of the tree."""
    target = os.path.join(paths.BUILD, "unit-" + kernel.release)
    shutil.rmtree(target, ignore_errors=True)
    for folder in FOLDERS:
        source = os.path.join(paths.TREE, folder)
        for where, _, files in os.walk(source):
            inside = os.path.join(target, os.path.relpath(where, paths.TREE))
            os.makedirs(inside, exist_ok=True)
            for name in files:
                if re.search(r"\.[ch]$|^Kbuild", name):
                    os.symlink(os.path.join(where, name),
                               os.path.join(inside, name))
    place = os.path.join(target, "selftests/unit")
    with ui.step("building the unit tests"):
        done = subprocess.run(["make", paths.JOBS, "-C", kernel.kdir,
                               "M=" + place, "W=1", "modules"], text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    with open(os.path.join(target, "build.log"), "w") as stream:
        stream.write(done.stdout)
    if done.returncode:
        raise ui.Failure("the unit tests do not build:\n" +
                         done.stdout[-4000:])
    return [os.path.join(place, name) for name in sorted(os.listdir(place))
            if name.endswith(".ko")]


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


def parse(outcome, line, suite, pending):
    """One line of a suite's results; pending gathers what explains a case."""
    match = CASE.match(line)
    if match:
        outcome.cases.append((suite, match[2], match[1] == "ok",
                              match[3].strip(), list(pending)))
        pending.clear()
    elif line.strip() and not re.match(r"\s*(KTAP|1\.\.|# Subtest)", line):
        pending.append(line.strip())


def watch(machine):
    outcome = Outcome()
    suite, pending = "", []
    deadline = time.monotonic() + LIMIT
    while not outcome.complete:
        line = machine.read_line(deadline)
        if line is None:
            outcome.problems.append("the machine ended or hung")
            break
        word, _, rest = line.partition(" ")
        if word == "suite":
            suite, pending = rest, []
        elif word == "result":
            parse(outcome, rest, suite, pending)
        elif word == "leak":
            outcome.leaks.append(rest)
        elif word == "problem":
            outcome.problems.append(rest)
        elif word == "done":
            outcome.complete = True
    return outcome


def boot(kernel, image):
    folder = os.path.join(paths.LOGS, "unit")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    console = os.path.join(folder, "console.log")
    with ui.step("running the unit tests"):
        machine = qemu.Machine(
            ["-kernel", kernel.bzimage, "-initrd", image, "-append",
             "console=ttyS0 panic=1 oops=panic panic_on_warn=1 "
             "kunit.enable=1 kmemleak=on loglevel=7"], console, memory=512)
        outcome = watch(machine)
        machine.stop(5)
    return outcome, console


def run(report, names=()):
    """Add every KUnit case to the report, and one test for the rest."""
    kernel = DebugKernel("kasan")
    try:
        modules = build(kernel)
    except ui.Failure as failure:
        report.add("unit", False, notes=[failure])
        return
    outcome, console = boot(kernel, initramfs(modules))
    for suite, name, passed, rest, diagnosis in outcome.cases:
        skipped = rest if "SKIP" in rest else None
        report.add("unit/%s/%s" % (suite, name), passed,
                   notes=[] if passed else diagnosis, skipped=skipped)
    with open(console, errors="replace") as stream:
        trouble = logscan.trouble(stream.read())
    notes = (outcome.problems + outcome.leaks[:40] +
             ["in the log: " + line for line in trouble[:20]])
    good = outcome.complete and outcome.cases and not notes
    if not good:
        notes.append("log: " + console)
    report.add("unit/no-leak-no-warning", bool(good), notes=notes)
