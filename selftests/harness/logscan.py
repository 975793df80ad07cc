# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Looks for trouble in what dom0 and Xen printed during a case."""

import os
import re

from . import paths

ALLOWED = os.path.join(paths.SELFTESTS, "allowed-messages")
TROUBLE = re.compile(
    r"WARNING|BUG:|BUG at|\bOops|Call Trace|refcount|\bleak|UBSAN|KASAN|KCSAN|"
    r"general protection|unable to handle|soft lockup|hung task|"
    r"blocked for more than|possible recursive locking|circular locking|"
    r"inconsistent lock state|suspicious RCU|Kernel panic|list_del corruption|"
    r"bad page|scheduling while atomic|sleeping function|I/O error|"
    r"nobody cared|double fault|detected stall|self-detected stall|"
    r"page allocation failure|"
    r"\(XEN\).*(grant_table\.c|event_channel\.c|d0v\d+ |mm\.c|"
    r"Assertion|Xen BUG|FATAL|Domain 0 crashed)")


def allowed():
    """(pattern, reason) of each line of the file of allowed messages."""
    found = []
    with open(ALLOWED) as stream:
        for line in stream:
            line = line.strip()
            if line and not line.startswith("#"):
                pattern, _, reason = line.partition("\t")
                if not reason.strip():
                    raise ValueError("no reason given for: " + pattern)
                found.append((re.compile(pattern), reason.strip()))
    return found


def trouble(text, extra=()):
    """Lines of a log that should not be there."""
    fine = [pattern for pattern, _ in allowed()]
    fine += [re.compile(pattern) for pattern in extra]
    return [line for line in text.splitlines()
            if TROUBLE.search(line) and
            not any(pattern.search(line) for pattern in fine)]
