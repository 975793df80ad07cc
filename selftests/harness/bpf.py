# SPDX-License-Identifier: GPL-2.0 OR MIT
"""BPF programs, built by clang: the samples, and those of the cases."""

import glob
import os
import subprocess

from . import packages, paths, ui

FOLDERS = (os.path.join(paths.TREE, "samples"),
           os.path.join(paths.SELFTESTS, "bpf"))
SUFFIX = ".bpf.c"


def sources():
    return sorted(name for folder in FOLDERS
                  for name in glob.glob(os.path.join(folder, "*" + SUFFIX)))


def objects():
    """{name: path} of the programs, NAME.o each, built unless they are there."""
    [devel] = packages.fetch("libbpf-dev")
    files = sources()
    version = subprocess.run(["clang", "--version"], text=True, check=True,
                             capture_output=True).stdout
    name = "bpf/" + paths.short_hash(
        paths.file_hash(__file__, *files), *files, version,
        packages.entry_name("libbpf-dev"))

    def fill(folder):
        for source in files:
            _compile(source, os.path.join(folder, _object(source)), devel)
    folder = paths.cached(name, fill)
    return {_object(source): os.path.join(folder, _object(source))
            for source in files}


def _object(source):
    return os.path.basename(source).removesuffix(SUFFIX) + ".o"


def _compile(source, target, devel):
    machine = subprocess.run(["gcc", "-print-multiarch"], text=True,
                             check=True, capture_output=True).stdout.strip()
    done = subprocess.run(
        ["clang", "-O2", "-g", "-Wall", "-Werror", "-target", "bpf",
         "-I", os.path.join(devel, "usr/include"),
         "-I", "/usr/include/" + machine, "-c", source, "-o", target],
        text=True, capture_output=True)
    if done.returncode:
        raise ui.Failure("%s does not build:\n%s" % (source, done.stderr))
