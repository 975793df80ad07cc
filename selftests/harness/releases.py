# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Packages of other releases of Debian than the machine's: guests are of all
ages. Their lists are in our cache; nothing of them is ever installed."""

import functools
import os
import subprocess
import time

from . import paths, ui

DAY = 24 * 3600
# what apt knows of each of the machine's own sources
TARGET = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(SIGNED_BY)"


def split(package):
    """The name, and the release or None, of NAME or NAME/RELEASE."""
    name, _, release = package.partition("/")
    return name, release or None


def own_codename(path="/etc/os-release"):
    with open(path) as stream:
        for line in stream:
            if line.startswith("VERSION_CODENAME="):
                return line.split("=")[1].strip().strip('"')
    raise ui.Failure(path + " names no release")


def sources(targets, own, release):
    """Lines for apt: the mirrors that have `own`, and the same of `release`."""
    lines = []
    for target in targets:
        uri, suite, component, *key = target.split()
        if suite not in (own, own + "-security"):
            continue
        # an older apt leaves a word that it does not know as it is
        known = key and not key[0].startswith("$")
        signed = "[signed-by=%s] " % key[0] if known else ""
        lines.append("deb %s%s %s %s" % (
            signed, uri, suite.replace(own, release), component))
    return sorted(set(lines))


@functools.lru_cache(maxsize=None)
def options(release):
    """Options that have apt see a release, whose lists are fetched once a day;
    none for the machine's own."""
    if release is None:
        return ()
    folder = paths.cache_path("apt-" + release)
    os.makedirs(os.path.join(folder, "lists/partial"), exist_ok=True)
    os.makedirs(os.path.join(folder, "archives/partial"), exist_ok=True)
    listed = os.path.join(folder, "sources.list")
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", TARGET,
         "Created-By: Packages"],
        capture_output=True, text=True, check=True).stdout.splitlines()
    lines = sources(targets, own_codename(), release)
    if not lines:
        raise ui.Failure("apt has no source of this release of Debian to look "
                         "for %s in" % release)
    paths.write_atomic(listed, ("\n".join(lines) + "\n").encode())
    chosen = ("-o", "Dir::Etc::SourceList=" + listed,
              "-o", "Dir::Etc::SourceParts=/dev/null",
              "-o", "Dir::State::Lists=" + os.path.join(folder, "lists"),
              "-o", "Dir::Cache=" + folder,
              "-o", "Dir::Cache::pkgcache=pkgcache.bin",
              "-o", "Dir::Cache::srcpkgcache=srcpkgcache.bin",
              # an old release has signed its lists for the last time
              "-o", "Acquire::Check-Valid-Until=false",
              "-o", "APT::Sandbox::User=root")
    refresh(release, folder, chosen)
    return chosen


def refresh(release, folder, chosen):
    """Fetch the lists, unless they are of today."""
    stamp = os.path.join(folder, "fetched")
    if os.path.exists(stamp) and time.time() - os.path.getmtime(stamp) < DAY:
        return
    with ui.step("fetching the package lists of " + release):
        done = subprocess.run(["apt-get", "-q", *chosen, "update"], text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    if done.returncode:
        raise ui.Failure("apt-get update for %s failed:\n%s" %
                         (release, done.stdout[-2000:]))
    paths.write_atomic(stamp, b"")
