# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The two tiers: make check shows each capability once and briefly; make
check-all is everything, and goes on where it was cut off."""

from . import (cases, kernels, lint, mutants, packages, paths, shown, suite, ui,
               unit)
from .debugkernel import DebugKernel
from .suite import Images

# What scripts for this machine run besides what every case does.
TYPED = ("selftests/bench", "selftests/cases", "selftests/mutants",
         "selftests/unit", "Documentation", "dkms.conf", "README.md")


class Run:
    """One run of some tests. `whole`: with all rounds, and what is known to
    have passed on the same inputs is not run again unless `again`. `minutes`
    bound the mutants."""

    def __init__(self, report, drivers, whole=False, again=False,
                 minutes=None):
        self.minutes = minutes
        self.report = report
        self.drivers = drivers
        self.tier = "all" if whole else "check"
        self.again = again or not whole

    def due(self, chosen, drivers):
        """{case still to be run: its entry}; the report gets the others. The
        entries are of the files as they are now, before any runs."""
        entries = {case: entry_of_case(case, drivers, self.tier)
                   for case in chosen}
        return {case: entry for case, entry in entries.items()
                if not shown.add_earlier(self.report, entry, self.again)}

    def some(self, chosen, drivers, debug=False):
        """Cases that one image serves."""
        due = self.due(chosen, drivers)
        self.without_guests(due)
        if not due:
            return
        try:
            built = Images(drivers, DebugKernel("pv") if debug else None,
                           sorted({case.guests for case in due} - {""}))
        except ui.Failure as failure:
            for case in due:
                self.report.add(case.name, False, notes=[failure])
            return
        suite.run(built, self.report, list(due),
                  "debug-" if debug else drivers + "-", self.tier,
                  lambda case, seconds: due[case].passed(seconds))

    def without_guests(self, due):
        """Takes out those whose guests' kernel is not to be had: an old release
        may leave the mirrors, and the others go on."""
        for case in list(due):
            if case.guests in ("", "debug"):
                continue
            try:
                kernels.Kernel(case.guests).root
            except ui.Failure as failure:
                self.report.add(case.name, False, notes=[failure])
                del due[case]

    def here(self, chosen):
        """Cases that are scripts for this machine."""
        for case, entry in self.due(chosen, self.drivers).items():
            seconds = suite.run_here(self.report, case, self.tier)
            if seconds is not None:
                entry.passed(seconds)

    def cases(self, chosen, intree=True):
        """Cases on the kernels that they ask for. `intree`: those that compare
        answers with the in-tree drivers' run on them as well, which shows that
        the case is right and nothing of ours."""
        inside = [case for case in chosen if case.host != "shell"]
        stock = [case for case in inside if case.kernel == "stock"]
        self.some(stock, self.drivers)
        self.some([case for case in inside if case.kernel == "debug"],
                  self.drivers, debug=True)
        if intree and self.drivers == "ours":
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

    def lint(self):
        self.group(entry_of_lint(), lint.run)

    def unit(self, names=()):
        """All, or some, which show nothing of the others: they leave no entry."""
        if names:
            unit.run(self.report, names)
        else:
            self.group(entry_of_unit(), unit.run)

    def mutants(self, chosen):
        """Each must be caught; what one names is what it depends on."""
        due = {}
        for mutant in chosen:
            entry = entry_of_mutant(mutant)
            if not shown.add_earlier(self.report, entry, self.again):
                due[mutant] = entry
        self.without_mutants(due)
        order = list(due)
        if self.minutes:
            order = mutants.shuffled(order, shown.tree_hash(*shown.WHOLE))
        mutants.run(self.report, order,
                    lambda mutant, seconds: due[mutant].passed(seconds),
                    self.minutes)

    def without_mutants(self, chosen):
        """What fails on the tree as it is would fail with any mutant: what they
        name is run first, unless it has passed already."""
        names = sorted({mutant.test for mutant in chosen if mutant.is_case})
        missing = [case for case in map(cases.Case, names)
                   if not case_is_shown(case, self.drivers)]
        if missing:
            self.cases(missing, intree=False)
        if any(not mutant.is_case for mutant in chosen) and \
                not entry_of_unit().earlier():
            self.unit()

    def cases_of_tier(self):
        self.cases(cases.of_tier(self.tier), intree=self.tier == "all")

    def everything(self):
        # a patch that cannot be read is better told now than at the end
        chosen = mutants.all_mutants() if self.tier == "all" else []
        self.lint()
        self.unit()
        self.cases_of_tier()
        self.mutants(chosen)
        shown.prune()


def case_is_shown(case, drivers):
    """Whether it has passed on this tree, with however many rounds."""
    return any(entry_of_case(case, drivers, tier).earlier()
               for tier in ("check", "all"))


def stock():
    """Of dom0 or, with a debug kernel there, of its guests."""
    return kernels.Kernel("6.1").identity


def entry_of_case(case, drivers, tier):
    parts = [paths.file_hash(case.path), stock(), drivers,
             case.rounds_in(tier)]
    if "debug" in (case.kernel, case.guests):
        parts.append(DebugKernel("pv").identity)
    elif case.guests:
        parts.append(kernels.Kernel(case.guests).identity)
    if case.host == "shell":
        parts.append(shown.tree_hash(*TYPED))
    return shown.Entry(suite.shown_as(case, drivers), *parts)


def entry_of_lint():
    return shown.Entry("lint", shown.tree_hash(
        "selftests", "Documentation", "README.md", ".clang-format"),
        *lint.judges())


def entry_of_unit():
    return shown.Entry("unit", shown.tree_hash("selftests/unit"),
                       DebugKernel("uml").identity)


def entry_of_mutant(mutant):
    return shown.Entry("mutant/" + mutant.name, paths.file_hash(mutant.path),
                       shown.tree_hash("selftests/unit", "selftests/cases"),
                       stock(), DebugKernel("pv").identity,
                       DebugKernel("uml").identity)


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
