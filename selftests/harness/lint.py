# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Static checks, each a test: warnings, sparse, checkpatch, clang-format."""

import os
import re
import subprocess

from . import kernels, packages, paths, ui

PRODUCT = ("evtchn", "gntdev", "xenbus", "blkback", "netback", "compat")
SOURCE = "linux-source-6.12"
# checkpatch's opinions that do not fit a tree outside the kernel's
IGNORED = ("FILE_PATH_CHANGES", "LINUX_VERSION_CODE", "SPDX_LICENSE_TAG",
           "CONFIG_DESCRIPTION",
           "CAMELCASE")     # the names of Xen's own headers
# and those that do not fit programs, which are not kernel code
IGNORED_IN_PROGRAMS = IGNORED + ("SPLIT_STRING", "BLOCK_COMMENT_STYLE",
                                 "PREFER_FALLTHROUGH", "ARRAY_SIZE",
                                 "MEMORY_BARRIER",
                                 "PREFER_DEFINED_ATTRIBUTE_MACRO")


def sources(*folders):
    """All C files below folders of the tree, relative to it."""
    found = []
    for folder in folders:
        for where, _, files in os.walk(os.path.join(paths.TREE, folder)):
            found += [os.path.relpath(os.path.join(where, name), paths.TREE)
                      for name in files if re.search(r"\.[ch]$", name)]
    return sorted(found)


def _warnings(series, arguments, label):
    """Build all anew with some arguments; the lines that are warnings."""
    kernel = kernels.Kernel(series)
    out = os.path.join(paths.BUILD, "lint-" + label)
    subprocess.run(["rm", "-rf", out])
    command = ["make", "--no-print-directory", "-C", paths.TREE, "modules",
               "KDIR=" + kernel.kdir, "OUT=" + out] + arguments
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    found = [line for line in done.stdout.splitlines()
             if re.search(r"(warning|error):|\*\*\*", line, re.I) and
             not line.startswith("warning: the compiler differs")]
    if done.returncode and not found:
        found = done.stdout.splitlines()[-20:]
    return found


def _checkpatch_folder():
    name = "checkpatch/" + packages.entry_name(SOURCE).split("/")[1]

    def fill(folder):
        [package] = packages.fetch(SOURCE)
        archive = os.path.join(package, "usr/src", SOURCE + ".tar.xz")
        with ui.step("unpacking checkpatch"):
            subprocess.run(
                ["tar", "-C", folder, "--strip-components=2", "-xf", archive,
                 "--wildcards", "*/scripts/checkpatch.pl",
                 "*/scripts/spelling.txt", "*/scripts/const_structs*"],
                check=True)
    return paths.cached(name, fill)


def _checkpatch(files, ignored):
    if not files:
        return []
    command = ["perl", os.path.join(_checkpatch_folder(), "checkpatch.pl"),
               "--no-tree", "--strict", "--terse", "--no-summary", "--quiet",
               "--ignore", ",".join(ignored), "-f"]
    done = subprocess.run(command + files, cwd=paths.TREE, text=True,
                          capture_output=True)
    return [line for line in done.stdout.splitlines()
            if re.search(r"(ERROR|WARNING|CHECK):", line)]


def _clang_format(files):
    if not files:
        return []
    done = subprocess.run(["clang-format", "--dry-run", "-Werror"] + files,
                          cwd=paths.TREE, text=True, capture_output=True)
    return [line for line in done.stderr.splitlines() if "error:" in line]


def tests():
    """(name, function giving the complaints) of every check."""
    product = sources(*PRODUCT)
    unit = sources("selftests/unit")
    programs = sources("selftests/tools")
    sparse = ["C=2", "CF=-D__CHECK_ENDIAN__"]
    return (
        ("warnings-6.1", lambda: _warnings("6.1", ["W=1"], "w-6.1")),
        ("warnings-6.12", lambda: _warnings("6.12", ["W=1"], "w-6.12")),
        ("sparse-6.1", lambda: _warnings("6.1", sparse, "s-6.1")),
        ("sparse-6.12", lambda: _warnings("6.12", sparse, "s-6.12")),
        ("checkpatch", lambda: _checkpatch(product + unit, IGNORED)),
        ("checkpatch-programs",
         lambda: _checkpatch(programs, IGNORED_IN_PROGRAMS)),
        ("clang-format", lambda: _clang_format(product + unit + programs)),
    )


def run(report):
    for name, check in tests():
        with ui.step("lint: " + name):
            try:
                found = check()
            except ui.Failure as failure:
                found = [str(failure)]
        notes = found[:30]
        if len(found) > len(notes):
            notes.append("and %d more" % (len(found) - len(notes)))
        report.add("lint/" + name, not found, notes=notes)
