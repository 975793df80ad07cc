# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Where things are: the tree, the build folder and the cache folder."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import time

from . import ui

SELFTESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TREE = os.path.dirname(SELFTESTS)
BUILD = os.path.join(TREE, "build")
LOGS = os.path.join(BUILD, "logs")
CACHE = os.environ.get("XEN_BACKENDS_CACHE") or os.path.join(
    os.path.expanduser("~"), ".cache", "xen-backends")

# of the product's sources; the Makefile has the same list
FOLDERS = ("evtchn", "gntdev", "xenbus", "blkback", "netback", "compat")
# where benchmarks put their figures
RESULTS = os.environ.get("XEN_BACKENDS_RESULTS") or os.path.join(BUILD, "bench")

JOBS = "-j%d" % (os.cpu_count() or 2)   # what make is told, everywhere


def short_hash(*parts):
    """A name for content: 12 hex digits over the given strings or bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()[:12]


def file_hash(*names):
    """short_hash over the contents of files."""
    parts = []
    for name in names:
        with open(name, "rb") as stream:
            parts.append(stream.read())
    return short_hash(*parts)


def cache_path(name):
    return os.path.join(CACHE, name)


@contextlib.contextmanager
def scratch_dir(prefix):
    """A temporary folder beside the cache entries, gone afterwards."""
    os.makedirs(CACHE, exist_ok=True)
    folder = tempfile.mkdtemp(prefix=".tmp-" + prefix, dir=CACHE)
    os.chmod(folder, 0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def cached(name, fill):
    """The path of cache entry `name`, made by fill(folder) when missing.

    The entry is filled under a temporary name and renamed when complete, so
    that an interrupted run never leaves half of one behind. Who finds another
    at it waits: a kernel takes two processors many minutes.
    """
    final = cache_path(name)
    if not os.path.isdir(final):
        with _filling(name):
            if not os.path.isdir(final):
                _fill(name, final, fill)
    os.utime(final)
    return final


@contextlib.contextmanager
def _filling(name):
    """A lock for the entry, of which nothing stays."""
    os.makedirs(CACHE, exist_ok=True)
    path = os.path.join(CACHE, ".lock-" + name.replace("/", "_"))
    with open(path, "w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            with ui.step("waiting for another run to make " + name):
                fcntl.flock(stream, fcntl.LOCK_EX)
        try:
            yield
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


def _fill(name, final, fill):
    with scratch_dir(name.replace("/", "_")) as folder:
        content = os.path.join(folder, "content")
        os.mkdir(content)
        fill(content)
        os.makedirs(os.path.dirname(final), exist_ok=True)
        try:
            os.rename(content, final)
        except OSError:
            if not os.path.isdir(final):
                raise


# Another run may be at work with what was used so long ago, in seconds.
IN_USE = 3 * 3600


def prune(kind, keep):
    """Drop all but the `keep` most recently used entries of one kind, and those
    that another run may have in use."""
    folder = os.path.join(CACHE, kind)
    entries = [os.path.join(folder, name) for name in os.listdir(folder)]
    entries.sort(key=os.path.getmtime, reverse=True)
    for old in entries[keep:]:
        if time.time() - os.path.getmtime(old) < IN_USE:
            continue
        if os.path.isdir(old):
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.unlink(old)


def write_atomic(path, data):
    temp = path + ".tmp"
    with open(temp, "wb") as stream:
        stream.write(data)
    os.rename(temp, path)
