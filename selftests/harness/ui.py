# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Progress on stderr: which step runs and how long it took."""

import contextlib
import sys
import time

START = time.monotonic()


class Failure(Exception):
    """Something the user must read; printed without a traceback."""


def say(text):
    elapsed = time.monotonic() - START
    sys.stderr.write("[%6.1f] %s\n" % (elapsed, text))
    sys.stderr.flush()


@contextlib.contextmanager
def step(text):
    begin = time.monotonic()
    say(text + " ...")
    yield
    say("%s: done in %.1f s" % (text, time.monotonic() - begin))
