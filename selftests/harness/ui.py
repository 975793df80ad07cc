# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Progress on stderr: which step runs and how long it took."""

import contextlib
import difflib
import sys
import time

START = time.monotonic()
_took = {}      # what was done besides the tests: seconds


class Failure(Exception):
    """Something the user must read; printed without a traceback."""


def meant(word, known):
    """What someone who typed a wrong name may have meant, for a message."""
    near = difflib.get_close_matches(word, known, 3)
    return "is it %s? " % " or ".join(near) if near else ""


def say(text):
    elapsed = time.monotonic() - START
    sys.stderr.write("[%6.1f] %s\n" % (elapsed, text))
    sys.stderr.flush()


def spent(what, seconds):
    """For the table at the end of a run."""
    _took[what] = _took.get(what, 0.0) + seconds


def steps():
    """[(what, seconds)] that were spent so far."""
    return list(_took.items())


@contextlib.contextmanager
def step(text, counted=True):
    """`counted`: it is no part of a test that has a time of its own."""
    begin = time.monotonic()
    say(text + " ...")
    yield
    say("%s: done in %.1f s" % (text, time.monotonic() - begin))
    if counted:
        spent(text, time.monotonic() - begin)
