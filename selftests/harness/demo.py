# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The demo: one case, and a table of what was done on which driver."""

import os
import time

from . import cases, ktap, packages, paths, suite, ui


def run(drivers):
    begin = time.monotonic()
    packages.install_tools()
    built = suite.Images(drivers)
    report = ktap.Report()
    suites = suite.run(built, report, [cases.Case("demo")], "demo-")
    outcome = suites[0].outcomes.get("demo")
    status = report.finish()
    if outcome:
        summary(outcome, built, time.monotonic() - begin, status)
    if status:
        print("The demo failed. Logs: " + paths.LOGS)
    return status


def summary(outcome, built, seconds, status):
    print()
    print("Xen and dom0 (%s, PV), drivers: %s" % (built.kernel.release,
                                                 built.drivers))
    print()
    print("What was done")
    table(outcome.done)
    print("Counters of the drivers")
    table(outcome.figures)
    print("%s in %.0f s; logs: %s" % ("failed" if status else "all done",
                                      seconds,
                                      os.path.join(paths.LOGS, "demo")))


def table(rows):
    width = max([len(name) for name, _ in rows], default=0)
    for name, value in rows:
        print("  %-*s  %s" % (width, name, value))
    print()
