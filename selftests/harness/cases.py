# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Case files and their headers."""

import os
import re

from . import paths, ui

FOLDER = os.path.join(paths.SELFTESTS, "cases")


class Case:
    """A file of selftests/cases; its header is comment lines `# key: value`.

    what: one line; limit: seconds; drivers: ours, any (default), or both:
    make check runs it on the in-tree ones as well, to compare answers;
    boot: shared, fresh or last (leaves dom0 unusable); dom0: parameters for
    dom0's command line, which make the boot fresh; kernel: stock or debug;
    guests: the series of a kernel that guests need besides 6.1, or debug for
    the debug kernel with our drivers; host: powercut
    when that module of the harness runs it, on machines of its own;
    allow: a regular expression of log messages that the case provokes on
    purpose.
    """

    def __init__(self, name):
        self.name = name
        self.path = os.path.join(FOLDER, name + ".sh")
        if not os.path.exists(self.path):
            raise ui.Failure("no case of the name " + name)
        keys = {"allow": []}
        with open(self.path) as stream:
            for line in stream:
                if not line.startswith("#"):
                    break
                match = re.match(r"# (\w+): (.*)", line)
                if match and match[1] == "allow":
                    keys["allow"].append(match[2])
                elif match:
                    keys[match[1]] = match[2]
        self.what = keys["what"]
        self.limit = int(keys["limit"])
        self.drivers = keys.get("drivers", "any")
        self.dom0 = keys.get("dom0", "")
        self.kernel = keys.get("kernel", "stock")
        self.guests = keys.get("guests", "")
        self.boot = keys.get("boot", "fresh" if self.dom0 else "shared")
        self.host = keys.get("host")
        self.check = keys.get("check", "yes") == "yes"
        self.allow = keys["allow"]


def all_cases():
    names = sorted(name[:-3] for name in os.listdir(FOLDER)
                   if name.endswith(".sh"))
    found = [Case(name) for name in names]
    # one boot serves all that share it; what spoils a boot goes last
    order = {"shared": 0, "last": 1, "fresh": 2}
    return sorted(found, key=lambda case: (order[case.boot], case.name))
