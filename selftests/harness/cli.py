# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The commands of the harness; the Makefile's targets call these."""

import argparse
import os
import sys

from . import (cases, demo, ktap, lint, mutants, packages, paths, shell, tiers,
               ui, unit)
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
    parse.add_argument("--short", action="store_true",
                       help="bench, profile: once and briefly, to see that "
                       "it works")
    parse.add_argument("--all", action="store_true",
                       help="cases with all the rounds of check-all; those that "
                       "have passed on the same inputs are not run again")
    parse.add_argument("--again", action="store_true",
                       help="check-all: run again what has passed, too")
    parse.add_argument("word", nargs="+",
                       help="check, check-all, shown, demo, shell, lint, cases, "
                       "list, build, names of cases; unit with names of "
                       "suites; mutants with names of mutants; bench or "
                       "profile with names of jobs")
    return parse


def tests(words, options):
    """Everything that ends in a count."""
    packages.install_tools()
    report = ktap.Report()
    run = tiers.Run(report, options.drivers, words[0] == "check-all" or
                    options.all, options.again)
    if words[0] in ("check", "check-all"):
        run.everything()
    elif words[0] == "lint":
        lint.run(report)
    elif words[0] == "unit":
        unit.run(report, words[1:])
    elif words[0] == "mutants":
        run.mutants(mutants.choose(words[1:]))
    elif words[0] == "cases":
        run.cases_of_tier()
    else:
        run.cases([cases.Case(name) for name in words])
    print("# logs: " + paths.LOGS)
    return report.finish(ui.steps())


def list_cases():
    for case in cases.all_cases():
        print("%-16s %-5s %4s s  %s" % (case.name, case.tier,
                                        case.budget or "-", case.what))
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
            return bench.bench(words[1:], options.base, options.short)
        if words[0] == "profile":
            return bench.profile_of(words[1:], options.base,
                                    options.short)
        if words == ["build"]:
            return build(options.drivers)
        if words == ["shown"]:
            return tiers.show(options.drivers)
        return tests(words, options)
    except ui.Failure as failure:
        sys.stderr.write("error: %s\nlogs: %s\n" % (failure, paths.LOGS))
        return 2
    except KeyboardInterrupt:
        return 130
