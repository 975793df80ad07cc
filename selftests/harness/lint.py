# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Static checks, each a test: compilers, checkpatch, clang-format."""

import concurrent.futures
import functools
import os
import re
import shutil
import subprocess
import sys
import time

from . import (documents, kernels, modules, mutants, packages, paths, shown,
               ui)

SOURCE = "linux-source-6.12"
SERIES = ("6.1", "6.12")    # of the kernels that we build for
# checkpatch's opinions that do not fit, one by one: Xen's own headers have
# names in camel case, and only the following places differ otherwise
IGNORED = ("CAMELCASE",)
EXEMPT = (
    # the files that are there to tell kernel versions apart
    ("compat/compat.h", "LINUX_VERSION_CODE"),
    ("compat/testdisk.h", "LINUX_VERSION_CODE"),
    # what /dev/xen/evtchn has always answered to an unknown ioctl
    ("evtchn/ports.c", "ENOSYS"),
    ("selftests/tools/devices/evtchn.c", "ENOSYS"),
    ("selftests/tools/devices/fixed.c", "ENOSYS"),
    # the kernel's own way of writing these macros
    ("blkback/trace.h", "PARENTHESIS_ALIGNMENT"),
    ("blkback/trace.h", "OPEN_ENDED_LINE"),
    ("netback/trace.h", "PARENTHESIS_ALIGNMENT"),
    ("netback/trace.h", "OPEN_ENDED_LINE"),
    # what a signal handler counts, or sets
    ("selftests/tools/frontend/fairness.c", "VOLATILE"),
    ("selftests/tools/devices/evtchn.c", "VOLATILE"),
    # programs have none of the kernel's macros
    ("selftests/tools/devices/evtchn.c", "ARRAY_SIZE"),
    ("selftests/tools/frontend/frontend.h", "PREFER_DEFINED_ATTRIBUTE_MACRO"),
    ("selftests/tools/frontend/main.c", "ARRAY_SIZE"),
    ("selftests/tools/frontend/small.c", "PREFER_DEFINED_ATTRIBUTE_MACRO"),
    # built with QEMU's types, and with declarations for a missing header
    ("selftests/bench/plugin.c", "PREFER_KERNEL_TYPES"),
    ("selftests/bench/plugin.c", "AVOID_EXTERNS"),
)


def sources(*folders):
    """All C files below folders of the tree, relative to it."""
    found = []
    for folder in folders:
        for where, _, files in os.walk(os.path.join(paths.TREE, folder)):
            found += [os.path.relpath(os.path.join(where, name), paths.TREE)
                      for name in files if re.search(r"\.[ch]$", name)]
    return sorted(found)


# Objects that Debian's kernels leave out, and what they are built with.
LEFT_OUT = ["gntdev/dmabuf-export.o", "gntdev/dmabuf-import.o",
            "gntdev/dmabuf-pages.o"]
LEFT_OUT_CONFIG = ["CONFIG_XEN_GNTDEV_DMABUF=y",
                   "KCFLAGS=-DCONFIG_XEN_GNTDEV_DMABUF "
                   "-DCONFIG_XEN_GRANT_DMA_ALLOC"]


CLEAN = "clean"     # cache entries: inputs that nothing complained about
KEPT = 2000


def _once_clean(what, check):
    """The complaints of check(), which is not asked again about the same: `what`
    names all that decides what it finds. Also in another clone of the tree."""
    mark = paths.cache_path(os.path.join(CLEAN, what))
    if os.path.exists(mark):
        os.utime(mark)
        return []
    found = check()
    if not found:
        os.makedirs(os.path.dirname(mark), exist_ok=True)
        open(mark, "w").close()
    return found


def _warnings(series, arguments):
    kernel = kernels.Kernel(series)
    judged = paths.short_hash(arguments, *_judges())
    what = shown.tree_hash(*paths.FOLDERS, "Kbuild", "Makefile", *(
        os.path.join("selftests", name) for name in modules.TEST_MODULES))
    return _once_clean(
        "warnings-%s_%s" % (kernel.release, paths.short_hash(
            judged, what, packages.version(kernel.headers_package))),
        lambda: _warnings_of(kernel, arguments, judged))


def _warnings_of(kernel, arguments, judged):
    """Build with some arguments; the lines that are warnings.

    What was built stays for the next time only if there was no complaint: all
    that make finds up to date is clean.
    """
    out = os.path.join(paths.BUILD, "lint-%s-%s" % (kernel.release, judged))
    # there while it is not known whether there are complaints
    doubt = out + ".unfinished"
    if os.path.exists(doubt):
        _forget(out)
    open(doubt, "w").close()
    found = _build_all(kernel, out, arguments)
    if found:
        _forget(out)
    os.unlink(doubt)
    return found


def _judges():
    """Whatever decides what a compiler's complaint is, besides the arguments."""
    versions = [subprocess.run([tool, "--version"], text=True,
                               capture_output=True, check=True).stdout
                for tool in ("gcc", "sparse")]
    return versions + [paths.file_hash(__file__)]


def judges():
    """Whatever decides what all of it complains about, besides the tree."""
    formatter = subprocess.run(["clang-format", "--version"], text=True,
                               capture_output=True, check=True).stdout
    return _judges() + [formatter, packages.version(SOURCE)] + [
        packages.version(kernels.Kernel(series).headers_package)
        for series in SERIES]


def _forget(out):
    for folder in [out] + [out + "-" + name for name in modules.TEST_MODULES]:
        shutil.rmtree(folder, ignore_errors=True)


def _build_all(kernel, out, arguments):
    make = ["make", "--no-print-directory", paths.JOBS]
    runs = [make + ["-C", paths.TREE, "modules", "KDIR=" + kernel.kdir,
                    "OUT=" + out] + arguments,
            make + ["-C", kernel.kdir, "M=" + out] + arguments +
            LEFT_OUT_CONFIG + LEFT_OUT]
    found = []
    for command in runs:
        found += _complaints(subprocess.run(
            command, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT))
    for name in modules.TEST_MODULES:
        found += _complaints(modules.make_test_module(
            name, kernel, out + "-" + name, arguments))
    return found


def _complaints(done):
    """The warnings of a build; its end when it failed without one."""
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


def _exempt(line):
    file, _, rest = line.partition(":")
    return any(file == name and ":%s:" % kind in rest for name, kind in EXEMPT)


def _checkpatch(files):
    """checkpatch's complaints."""
    script = os.path.join(_checkpatch_folder(), "checkpatch.pl")
    command = ["perl", script,
               "--no-tree", "--strict", "--terse", "--no-summary", "--quiet",
               "--show-types", "--ignore", ",".join(IGNORED), "-f"]
    told = paths.short_hash(paths.file_hash(script, __file__), command[2:])

    def check(file):
        done = subprocess.run(command + [file], cwd=paths.TREE, text=True,
                              capture_output=True)
        found = [line for line in done.stdout.splitlines()
                 if re.search(r"(ERROR|WARNING|CHECK):", line) and
                 not _exempt(line)]
        if done.returncode not in (0, 1):
            found.append("%s: checkpatch failed: %s" % (file, done.stderr))
        return found

    def check_once(file):
        content = paths.file_hash(os.path.join(paths.TREE, file))
        return _once_clean("checkpatch_" + paths.short_hash(
            told, file, content), lambda: check(file))

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [line for found in pool.map(check_once, files) for line in found]


def _clang_format(files):
    if not files:
        return []
    done = subprocess.run(["clang-format", "--dry-run", "-Werror"] + files,
                          cwd=paths.TREE, text=True, capture_output=True)
    return [line for line in done.stderr.splitlines() if "error:" in line]


def _folders():
    """The Makefile's list of the product's folders, and the harness's."""
    with open(os.path.join(paths.TREE, "Makefile")) as stream:
        listed = re.search(r"^FOLDERS := (.*)$", stream.read(), re.M)[1]
    if tuple(listed.split()) == paths.FOLDERS:
        return []
    return ["Makefile: FOLDERS is %s, harness/paths.py has %s" % (
        listed, " ".join(paths.FOLDERS))]


def _python_tests(module):
    """Tests of the tests, without any boot."""
    done = subprocess.run([sys.executable, "-B", "-m", "unittest", "-q",
                           module], cwd=paths.SELFTESTS, text=True,
                          capture_output=True)
    return done.stderr.splitlines() if done.returncode else []


def tests():
    """(name, function giving the complaints) of every check."""
    product = sources(*paths.FOLDERS)
    inner = sources("selftests/unit", "selftests/loadgen",
                    "selftests/testdisk", "selftests/testbuf",
                    "selftests/testnet")
    programs = sources("selftests/tools", "selftests/bench", "selftests/bpf",
                       "samples")
    strict = ["W=1", "C=1", "CF=-D__CHECK_ENDIAN__"]
    return (
        *(("warnings-sparse-" + series,
           functools.partial(_warnings, series, strict))
          for series in SERIES),
        ("checkpatch", lambda: _checkpatch(product + inner)),
        ("checkpatch-programs", lambda: _checkpatch(programs)),
        ("bench-arithmetic", lambda: _python_tests("bench.test_result")),
        ("harness", lambda: _python_tests("harness.test_harness")),
        ("documented-commands", documents.commands),
        ("documented-functions", documents.functions),
        ("mutants", mutants.complaints),
        ("one-list-of-folders", _folders),
        ("clang-format", lambda: _clang_format(product + inner + programs)),
    )


def run(report):
    os.makedirs(paths.cache_path(CLEAN), exist_ok=True)
    paths.prune(CLEAN, KEPT)
    for name, check in tests():
        begin = time.monotonic()
        with ui.step("lint: " + name, counted=False):
            try:
                found = check()
            except ui.Failure as failure:
                found = [str(failure)]
        notes = found[:30]
        if len(found) > len(notes):
            notes.append("and %d more" % (len(found) - len(notes)))
        report.add("lint/" + name, not found, time.monotonic() - begin, notes,
                   again="selftests/run lint")
