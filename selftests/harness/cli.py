# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The commands: cases by name."""

import argparse
import sys

from . import cases, ktap, packages, paths, ui
from .suite import Images, Suite


def parser():
    parse = argparse.ArgumentParser(
        prog="selftests/run",
        description="Boots Xen in QEMU and runs cases in its dom0.")
    parse.add_argument("--drivers", choices=("ours", "intree"),
                       default="ours", help="whose backends dom0 loads")
    parse.add_argument("--list", action="store_true", help="list the cases")
    parse.add_argument("case", nargs="*", help="cases; all without any")
    return parse


def run_cases(options):
    chosen = [cases.Case(name) for name in options.case] or [
        case for case in cases.all_cases() if case.check]
    packages.install_tools()
    report = ktap.Report()
    Suite(Images(options.drivers), report).run(chosen)
    print("# logs: " + paths.LOGS)
    return report.finish()


def list_cases():
    for case in cases.all_cases():
        print("%-16s %4d s  %s" % (case.name, case.limit, case.what))
    return 0


def main(arguments):
    options = parser().parse_args(arguments)
    try:
        if options.list:
            return list_cases()
        return run_cases(options)
    except ui.Failure as failure:
        sys.stderr.write("error: %s\n" % failure)
        return 2
    except KeyboardInterrupt:
        return 130
