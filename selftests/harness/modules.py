# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Builds the product's modules and the helper programs of the cases."""

import functools
import glob
import os
import shutil
import subprocess
import threading

from . import packages, paths, sysroot, ui


def build(kernel, log=None, tree=paths.TREE):
    """Build the modules for a kernel; returns a folder with stripped ones."""
    with ui.step("building the modules for " + kernel.release):
        command = ["make", "--no-print-directory", paths.JOBS, "-C", tree,
                   "modules", "KDIR=" + kernel.kdir]
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    if log:
        with open(log, "w") as stream:
            stream.write(done.stdout)
    if done.returncode:
        raise ui.Failure("the modules do not build:\n" + done.stdout[-4000:])
    folder = os.path.join(tree, "build", kernel.release)
    if not any(name.endswith(".ko") for name in os.listdir(folder)):
        raise ui.Failure("the build left no modules in " + folder)
    return strip(folder)


BUILDING = threading.Lock()

# Folders of selftests/ with a module each, and what the module is called.
TEST_MODULES = {"loadgen": "xen-loadgen", "testdisk": "testdisk",
                "testbuf": "testbuf", "testnet": "testnet"}


def make_test_module(name, kernel, folder, arguments=()):
    """Build a module of the tests in a folder of links to its sources."""
    source = os.path.join(paths.SELFTESTS, name)
    os.makedirs(folder, exist_ok=True)
    wanted = {entry: os.path.join(source, entry)
              for entry in os.listdir(source)}
    wanted["compat"] = os.path.join(paths.TREE, "compat")
    for entry, target in wanted.items():
        link = os.path.join(folder, entry)
        if not os.path.lexists(link):
            os.symlink(target, link)
    command = ["make", "--no-print-directory", paths.JOBS, "-C", kernel.kdir,
               "M=" + folder, "modules"] + list(arguments)
    return subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def test_module(name, kernel):
    """A module of the tests for a kernel; returns its path. The benchmark makes
    its images in threads: one builds, the others find it built."""
    with BUILDING:
        return _test_module(name, kernel)


def _test_module(name, kernel):
    folder = os.path.join(paths.BUILD, "%s-%s" % (name, kernel.release))
    module = TEST_MODULES[name]
    with ui.step("building %s for %s" % (module, kernel.release)):
        done = make_test_module(name, kernel, folder)
    if done.returncode:
        raise ui.Failure("%s does not build:\n%s" % (
            module, done.stdout[-4000:]))
    target = os.path.join(folder, "stripped.ko")
    # without the build id it depends on nothing but the sources, and so does
    # the name of the guests' images in the cache
    subprocess.run(["strip", "--strip-debug", "-R", ".note.gnu.build-id",
                    "-o", target, os.path.join(folder, module + ".ko")],
                   check=True)
    return target


def strip(folder):
    """Copies of the modules without debug information, for the images."""
    target = os.path.join(folder, "stripped")
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".ko"):
            subprocess.run(["strip", "--strip-debug", "-o",
                            os.path.join(target, name),
                            os.path.join(folder, name)], check=True)
    return target


LIBRARIES = ("libxengnttab.so.1", "libxenevtchn.so.1", "libxenstore.so.4",
             "libxentoolcore.so.1", "libxentoollog.so.1", "libxencall.so.1",
             "libxenvchan.so." + sysroot.XEN)


def helpers():
    """The programs of selftests/tools, one per folder, built once a run. The
    benchmark asks for them from several threads."""
    with BUILDING:
        return _helpers()


@functools.lru_cache(maxsize=None)
def _helpers():
    tools = os.path.join(paths.SELFTESTS, "tools")
    names = sorted(name for name in os.listdir(tools)
                   if os.path.isdir(os.path.join(tools, name)))
    return [program(os.path.join(tools, name)) for name in names]


def program(folder, libraries=LIBRARIES):
    """Build the program whose C files are in a folder, unless it was built from
    the same."""
    [devel] = packages.fetch("libxen-dev")
    files = sorted(os.path.join(folder, name) for name in os.listdir(folder)
                   if name.endswith(".c"))
    # whichever of them it includes
    headers = sorted(glob.glob(os.path.join(paths.SELFTESTS, "**/*.h"),
                               recursive=True))
    target = os.path.join(paths.BUILD, "tools", os.path.basename(folder))
    built = target + ".from"
    source = paths.short_hash(paths.file_hash(__file__, *files, *headers),
                              *files, *headers, devel, *libraries)
    if os.path.exists(target) and os.path.exists(built):
        with open(built) as stream:
            if stream.read() == source:
                return target
    _compile(target, files, devel, libraries)
    paths.write_atomic(built, source.encode())
    return target


def _compile(target, sources, devel, libraries):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.exists(target):
        os.unlink(target)
    libraries = [sysroot.library(name) for name in libraries]
    command = ["gcc", "-Wl,--as-needed", "-O2", "-g", "-Wall", "-Wextra",
               "-Werror", "-std=gnu11",
               "-I", os.path.join(devel, "usr/include"), "-o", target]
    command += ["-Wl,-rpath-link," + place
                for place in sysroot.xen_folders(libraries)]
    done = subprocess.run(command + sources + libraries, text=True,
                          capture_output=True)
    if done.returncode:
        raise ui.Failure("helper does not build:\n" + done.stderr)
