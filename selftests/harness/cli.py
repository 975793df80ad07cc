# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The commands of the harness; the Makefile's targets call these."""

import argparse
import os
import sys

from . import (cases, demo, ktap, lint, mutants, packages, paths, shell,
               suite, ui, unit)
from .debugkernel import DebugKernel
from .suite import Images
from bench import command as bench


def parser():
    parse = argparse.ArgumentParser(
        prog="selftests/run",
        description="Tests of the backends on a real Xen in QEMU.",
        epilog="A word that is no command is the name of a case: "
               "'selftests/run pv-guest vbd-ro' runs two on one boot.")
    parse.add_argument("--drivers", choices=("ours", "intree"),
                       default="ours", help="whose backends dom0 loads")
    parse.add_argument("--base", metavar="REVISION",
                       help="bench, profile: compare with an older revision "
                       "of ours instead of the in-tree drivers")
    parse.add_argument("word", nargs="+",
                       help="check, demo, shell, lint, unit, cases, list, "
                       "build, names of cases, bench or profile followed "
                       "by names of jobs, or mutants, which names may "
                       "follow")
    return parse


def run_some(report, chosen, drivers, debug=False):
    """Cases that one image serves."""
    if not chosen:
        return
    try:
        built = Images(drivers, DebugKernel("pv") if debug else None,
                       sorted({case.guests for case in chosen} - {""}))
    except ui.Failure as failure:
        for case in chosen:
            report.add(case.name, False, notes=[failure])
        return
    suite.run(built, report, chosen, "debug-" if debug else drivers + "-")


def run_cases(report, chosen, drivers):
    """Run cases on the kernels and the drivers that they ask for."""
    stock = [case for case in chosen if case.kernel == "stock"]
    debug = [case for case in chosen if case.kernel == "debug"]
    run_some(report, stock, drivers)
    run_some(report, debug, drivers, debug=True)
    if drivers == "ours":
        run_some(report, [case for case in stock if case.drivers == "both"],
                 "intree")


def tests(words, drivers):
    """Everything that ends in a count."""
    packages.install_tools()
    checked = [case for case in cases.all_cases() if case.check]
    report = ktap.Report()
    if words[0] in ("check", "lint"):
        lint.run(report)
    if words[0] in ("check", "unit"):
        unit.run(report)
    if words[0] in ("check", "cases"):
        run_cases(report, checked, drivers)
    elif words[0] not in ("lint", "unit"):
        run_cases(report, [cases.Case(name) for name in words], drivers)
    print("# logs: " + paths.LOGS)
    return report.finish()


def list_cases():
    for case in cases.all_cases():
        print("%-16s %4d s  %s" % (case.name, case.limit, case.what))
    return 0


def build(drivers):
    """Make everything a boot needs, and print where it is."""
    packages.install_tools()
    built = Images(drivers)
    for key, value in (("kernel", built.kernel.vmlinux),
                       ("initramfs", built.initramfs),
                       ("assets", built.assets)):
        print("%s %s" % (key, value))
    return 0


def main(arguments):
    options = parser().parse_args(arguments)
    words = options.word
    os.makedirs(paths.LOGS, exist_ok=True)
    try:
        if words == ["list"]:
            return list_cases()
        if words == ["demo"]:
            return demo.run(options.drivers)
        if words == ["shell"]:
            return shell.run(options.drivers)
        if words[0] == "bench":
            return bench.bench(words[1:], options.base)
        if words[0] == "profile":
            return bench.profile_of(words[1:], options.base)
        if words[0] == "mutants":
            return mutants.command(words[1:])
        if words == ["build"]:
            return build(options.drivers)
        return tests(words, options.drivers)
    except ui.Failure as failure:
        sys.stderr.write("error: %s\nlogs: %s\n" % (failure, paths.LOGS))
        return 2
    except KeyboardInterrupt:
        return 130
