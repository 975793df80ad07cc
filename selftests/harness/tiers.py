# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The two tiers: make check shows each capability once and briefly; make
check-all is everything, and goes on where it was cut off."""

from . import (cases, kernels, lint, mutants, packages, paths, shown, suite, ui,
               unit)
from .debugkernel import DebugKernel
from .suite import Images

# What scripts for this machine run besides what every case does.
TYPED = ("selftests/bench", "dkms.conf", "README.md")


class Run:
    """One run of some tests. `whole`: with all rounds, and what is known to
    have passed on the same inputs is not run again unless `again`."""

    def __init__(self, report, drivers, whole=False, again=False):
        self.report = report
        self.drivers = drivers
        self.tier = "all" if whole else "check"
        self.again = again or not whole

    def due(self, chosen, drivers):
        """The cases still to be run; the report gets the others."""
        return [case for case in chosen if not shown.add_earlier(
            self.report, entry_of_case(case, drivers, self.tier), self.again)]

    def some(self, chosen, drivers, debug=False):
        """Cases that one image serves."""
        chosen = self.due(chosen, drivers)
        if not chosen:
            return
        try:
            built = Images(drivers, DebugKernel("pv") if debug else None,
                           sorted({case.guests for case in chosen} - {""}))
        except ui.Failure as failure:
            for case in chosen:
                self.report.add(case.name, False, notes=[failure])
            return
        suite.run(built, self.report, chosen,
                  "debug-" if debug else drivers + "-", self.tier,
                  lambda case, seconds: entry_of_case(
                      case, drivers, self.tier).passed(seconds))

    def here(self, chosen):
        """Cases that are scripts for this machine."""
        for case in self.due(chosen, self.drivers):
            seconds = suite.run_here(self.report, case, self.tier)
            if seconds is not None:
                entry_of_case(case, self.drivers, self.tier).passed(seconds)

    def cases(self, chosen):
        """Cases on the kernels and the drivers that they ask for."""
        inside = [case for case in chosen if case.host != "shell"]
        stock = [case for case in inside if case.kernel == "stock"]
        self.some(stock, self.drivers)
        self.some([case for case in inside if case.kernel == "debug"],
                  self.drivers, debug=True)
        if self.drivers == "ours":
            self.some([case for case in stock if case.drivers == "both"],
                      "intree")
        self.here([case for case in chosen if case.host == "shell"])

    def group(self, entry, run):
        """Tests that are shown together: lint, or the unit tests."""
        if shown.add_earlier(self.report, entry, self.again):
            return
        before = len(self.report.results)
        run(self.report)
        added = self.report.results[before:]
        if added and all(result.passed for result in added):
            entry.passed(sum(result.seconds or 0 for result in added))

    def mutants(self, chosen):
        """Each must be caught; what one names is what it depends on."""
        due = [mutant for mutant in chosen if not shown.add_earlier(
            self.report, entry_of_mutant(mutant), self.again)]
        mutants.run(self.report, due, lambda mutant, seconds:
                    entry_of_mutant(mutant).passed(seconds))

    def everything(self):
        self.group(entry_of_lint(), lint.run)
        self.group(entry_of_unit(), unit.run)
        self.cases(cases.of_tier(self.tier))
        if self.tier == "all":
            self.mutants(mutants.all_mutants())
        shown.prune()


def kernel_of(case):
    return DebugKernel("pv").identity if case.kernel == "debug" else \
        kernels.Kernel("6.1").identity


def entry_of_case(case, drivers, tier):
    parts = [paths.file_hash(case.path), kernel_of(case), drivers,
             case.rounds_in(tier)]
    if case.guests == "debug":
        parts.append(DebugKernel("pv").identity)
    elif case.guests:
        parts.append(kernels.Kernel(case.guests).identity)
    if case.host == "shell":
        parts.append(shown.tree_hash(*TYPED))
    return shown.Entry(suite.shown_as(case, drivers), *parts)


def entry_of_lint():
    return shown.Entry("lint", shown.tree_hash(
        "selftests", "Documentation", "README.md", ".clang-format"))


def entry_of_unit():
    return shown.Entry("unit", shown.tree_hash("selftests/unit"),
                       DebugKernel("uml").identity)


def entry_of_mutant(mutant):
    return shown.Entry("mutant/" + mutant.name, paths.file_hash(mutant.path),
                       shown.tree_hash("selftests/unit", "selftests/cases"))


def entries(drivers):
    """All that make check-all shows."""
    found = [entry_of_lint(), entry_of_unit()]
    every = cases.of_tier("all")
    found += [entry_of_case(case, drivers, "all") for case in every]
    found += [entry_of_case(case, "intree", "all") for case in every
              if case.drivers == "both"]
    return found + [entry_of_mutant(mutant)
                    for mutant in mutants.all_mutants()]


def show(drivers):
    """make shown"""
    packages.install_tools()
    print("\n".join(shown.show(entries(drivers))))
    return 0
