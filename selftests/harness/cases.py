# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Case files and their headers."""

import os
import re

from . import paths, ui

FOLDER = os.path.join(paths.SELFTESTS, "cases")
TIERS = ("check", "all")
REQUIRED = ("what", "limit")
OPTIONAL = ("budget", "tier", "rounds", "drivers", "boot", "dom0", "clock",
            "kernel", "guests", "host", "allow")


class Case:
    """A file of selftests/cases; its header is comment lines `# key: value`.

    what: one line; limit: seconds after which it is ended; budget: seconds that
    it may take in make check, on two CPUs that do nothing else;
    tier: check (default), or all: only make check-all runs it; none: another
    command does (make demo);
    rounds: what $ROUNDS is in make check, and in make check-all;
    drivers: ours, any (default), or both: run on the in-tree ones as well, to
    compare answers;
    boot: shared, fresh or last (leaves dom0 unusable); dom0: parameters for
    dom0's command line, which make the boot fresh; clock: simulated makes it
    fresh too, and time is counted in instructions there; kernel: stock or debug;
    guests: the series of a kernel that guests need besides 6.1, or debug for
    the debug kernel with our drivers; host: powercut when that module of the
    harness runs it, on machines of its own; shell when it is a script for the
    machine that runs the tests;
    allow: a regular expression of log messages that the case provokes on
    purpose.
    """

    def __init__(self, name):
        self.name = name
        self.path = os.path.join(FOLDER, name + ".sh")
        if not os.path.exists(self.path):
            raise ui.Failure("no case of the name %s; %s'selftests/run list' "
                             "has them" % (name, ui.meant(name, names())))
        keys = header(self.path)
        check_keys(name, keys)
        self.what = keys["what"]
        self.limit = int(keys["limit"])
        self.budget = int(keys["budget"]) if "budget" in keys else None
        self.tier = keys.get("tier", "check")
        if self.tier not in (*TIERS, "none"):
            raise ui.Failure("%s: tier is %s, allowed is check, all or none" %
                             (name, self.tier))
        self.rounds = [int(word) for word in keys.get("rounds", "").split()]
        if len(self.rounds) not in (0, 2):
            raise ui.Failure("%s: rounds are two numbers" % name)
        self.drivers = keys.get("drivers", "any")
        self.dom0 = keys.get("dom0", "")
        self.kernel = keys.get("kernel", "stock")
        self.guests = keys.get("guests", "")
        self.clock = keys.get("clock", "")
        self.boot = keys.get("boot", "fresh" if self.dom0 or self.clock
                             else "shared")
        self.host = keys.get("host")
        self.allow = keys["allow"]

    def rounds_in(self, tier):
        """What $ROUNDS is; "" where the case has no rounds."""
        return self.rounds[TIERS.index(tier)] if self.rounds else ""


def header(path):
    """The comment lines `# key: value` that a file begins with."""
    keys = {"allow": []}
    with open(path) as stream:
        for line in stream:
            if not line.startswith("#"):
                break
            match = re.match(r"# (\w+): (.*)", line)
            if match and match[1] == "allow":
                keys["allow"].append(match[2])
            elif match:
                keys[match[1]] = match[2].strip()
    return keys


def check_keys(name, keys):
    """Refuses a header that lacks something, or has a word that means nothing:
    a misspelt key would be passed over without a word."""
    for key in REQUIRED:
        if not keys.get(key):
            raise ui.Failure("%s: its header has no '# %s:'" % (name, key))
    unknown = sorted(set(keys) - {*REQUIRED, *OPTIONAL})
    if unknown:
        raise ui.Failure("%s: its header has '# %s:', allowed is %s" % (
            name, unknown[0], ", ".join(REQUIRED + OPTIONAL)))


def names():
    return sorted(name[:-3] for name in os.listdir(FOLDER)
                  if name.endswith(".sh"))


def all_cases():
    found = [Case(name) for name in names()]
    # one boot serves all that share it; what spoils a boot goes last
    order = {"shared": 0, "last": 1, "fresh": 2}
    return sorted(found, key=lambda case: (order[case.boot], case.name))


def of_tier(tier):
    """The cases that a tier runs: make check-all runs those of both."""
    return [case for case in all_cases()
            if case.tier in ("check", tier)]
