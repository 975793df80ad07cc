# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Host side of the self tests: packages, images, boots, cases, verdicts."""
