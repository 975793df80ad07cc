# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The commands of the harness; the Makefile's targets call these."""

import argparse
import os
import sys

from . import (cases, demo, ktap, mutants, packages, paths, shell, tiers, ui,
               unit)
from .suite import Images
from bench import command as bench

# Commands that take no names.
ALONE = ("check", "check-all", "shown", "demo", "shell", "lint", "cases", "list",
         "build")


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
    parse.add_argument("--minutes", type=int, metavar="N",
                       help="mutants: begin none after so many minutes, 1 to "
                       "1000, and take them in another order for each tree")
    parse.add_argument("word", nargs="+",
                       help="check, check-all, shown, demo, shell, lint, cases, "
                       "list, build, names of cases; unit with names of "
                       "suites; mutants with names of mutants; bench or "
                       "profile with names of jobs")
    return parse


def refuse_minutes(minutes):
    if minutes is not None and not 1 <= minutes <= 1000:
        raise ui.Failure("--minutes is %d, allowed is 1 to 1000" % minutes)


def refuse_names(words):
    """Nothing that takes hours begins while a word is passed over."""
    if words[0] in ALONE and len(words) > 1:
        raise ui.Failure("%s takes no names; single cases: 'selftests/run NAME'" %
                         words[0])


def tests(words, options):
    """Everything that ends in a count."""
    command, names = words[0], words[1:]
    # A wrong name is told of before anything is installed.
    chosen = []
    if command == "mutants":
        chosen = mutants.choose(names)
    elif command == "unit":
        unit.check(names)
    elif command not in ALONE:
        chosen = [cases.Case(name) for name in words]
    packages.install_tools()
    report = ktap.Report()
    run = tiers.Run(report, options.drivers, command == "check-all" or
                    options.all, options.again, options.minutes)
    if command in ("check", "check-all"):
        run.everything()
    elif command == "lint":
        run.lint()
    elif command == "unit":
        run.unit(names)
    elif command == "mutants":
        run.mutants(chosen)
    elif command == "cases":
        run.cases_of_tier()
    else:
        run.cases(chosen)
    print("# logs: " + paths.LOGS)
    return report.finish(ui.steps())


def list_cases():
    found = cases.all_cases()
    row = "%%-%ds  %%-5s  %%6s  %%s" % max(len(case.name) for case in found)
    print(row % ("name", "tier", "budget", "what"))
    for case in found:
        print(row % (case.name, case.tier,
                     "%d s" % case.budget if case.budget else "-", case.what))
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
        refuse_names(words)
        refuse_minutes(options.minutes)
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
