# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Debian packages: build tools are installed, all else is only unpacked. One of
another release of Debian is named NAME/RELEASE."""

import functools
import os
import re
import shutil
import subprocess

from . import paths, releases, ui

# program -> package that brings it; checked by looking for the program
TOOLS = {
    "gcc": "gcc", "ld": "binutils", "bc": "bc", "flex": "flex",
    "bison": "bison", "qemu-system-x86_64": "qemu-system-x86",
    "mke2fs": "e2fsprogs", "depmod": "kmod", "perl": "perl", "xz": "xz-utils",
    "zstd": "zstd", "cpio": "cpio", "sparse": "sparse",
    "pahole": "dwarves", "patch": "patch",
    "clang-format": "clang-format", "clang": "clang",
}
# file -> package, for what is not a program
FILES = {
    "/usr/include/stdio.h": "libc6-dev",
    "/usr/include/gelf.h": "libelf-dev",
    "/usr/include/openssl/evp.h": "libssl-dev",
    "/usr/share/seabios/bios-256k.bin": "seabios",
}
_APT_ENV = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C")
_SBIN = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


@functools.lru_cache(maxsize=None)
def refresh():
    """Fetch the package lists anew, at most once a run."""
    with ui.step("refreshing the package lists"):
        _apt(["apt-get", "-q", "update"], None)


def _apt(command, folder):
    done = subprocess.run(command, cwd=folder, env=_APT_ENV, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise ui.Failure("%s failed:\n%s" % (" ".join(command[:4]),
                                             done.stdout[-2000:]))


def install_tools():
    """Install the missing build tools; nothing to do on a second run."""
    missing = sorted({package for tool, package in TOOLS.items()
                      if not shutil.which(tool, path=_SBIN)} |
                     {package for name, package in FILES.items()
                      if not os.path.exists(name)})
    os.environ["PATH"] = _SBIN
    if not missing:
        return
    install(*missing)


def install(*names):
    """Install packages on the machine itself."""
    refresh()
    with ui.step("installing " + " ".join(names)):
        _apt(["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120",
              "--no-install-recommends", "install"] +
             list(names), None)


_known = {}


def look_up(*names):
    """Read the fields of packages into _known, with one call for all: it takes
    a second where apt has no index of its lists. Containers switch that off, so
    there is one in our cache; apt sees by itself when it is out of date."""
    for release, missing in _by_release(
            name for name in names if name not in _known):
        _look_up(release, missing)


def _by_release(names):
    """[(release, its names)] of NAME or NAME/RELEASE."""
    groups = {}
    for name in names:
        groups.setdefault(releases.split(name)[1], []).append(name)
    return list(groups.items())


def _index(release):
    if release:
        return list(releases.options(release))
    index = paths.cache_path("apt")
    os.makedirs(index, exist_ok=True)
    return ["-o", "Dir::Cache::pkgcache=%s/pkgcache.bin" % index,
            "-o", "Dir::Cache::srcpkgcache=%s/srcpkgcache.bin" % index]


def _look_up(release, missing):
    done = subprocess.run(
        ["apt-cache", *_index(release), "show", "--no-all-versions"] +
        [releases.split(name)[0] for name in missing],
        capture_output=True, text=True, env=_APT_ENV)
    for paragraph in done.stdout.split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.M))
        if "Package" in fields:
            name = fields["Package"] + ("/" + release if release else "")
            _known[name] = fields


def _fields(package):
    look_up(package)
    if package not in _known:
        refresh()
        look_up(package)
    if package not in _known:
        raise ui.Failure("package %s is not known to apt" % package)
    return _known[package]


def version(package):
    return _fields(package)["Version"]


def depends(package, pattern):
    """The names `package` depends on that match a regular expression; they are
    of its release."""
    release = releases.split(package)[1]
    names = re.findall(r"[a-z0-9][a-z0-9.+-]*(?= ?[(,|]|$)",
                       _fields(package).get("Depends", ""))
    return [name + ("/" + release if release else "") for name in names
            if re.fullmatch(pattern, name)]


def entry_name(package):
    return "deb/%s_%s" % (releases.split(package)[0],
                          version(package).replace(":", "%3a"))


def fetch(*names):
    """Unpack packages into the cache; returns their folders in order."""
    look_up(*names)
    missing = [name for name in names
               if not os.path.isdir(paths.cache_path(entry_name(name)))]
    if missing:
        with ui.step("downloading %s" % " ".join(missing)):
            for release, some in _by_release(missing):
                _download(release, some)
    return [paths.cached(entry_name(name), _never) for name in names]


def _never(folder):
    raise ui.Failure("a package vanished from the cache: " + folder)


def _download(release, names):
    def exactly():
        return ["%s=%s" % (releases.split(name)[0], version(name))
                for name in names]

    with paths.scratch_dir("download") as folder:
        wanted = exactly()
        command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root",
                   *releases.options(release), "download"]
        try:
            _apt(command + wanted, folder)
        except ui.Failure:
            # the lists may be older than the mirror
            refresh()
            _known.clear()
            wanted = exactly()
            _apt(command + wanted, folder)
        archives = {deb.split("_")[0]: os.path.join(folder, deb)
                    for deb in os.listdir(folder)}
        for name in names:
            paths.cached(entry_name(name),
                         lambda where, deb=archives[releases.split(name)[0]]:
                         subprocess.run(["dpkg", "-x", deb, where],
                                        check=True))
