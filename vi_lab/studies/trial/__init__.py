"""Diagnostics on trial: detectors of fits that are wrong, judged where the truth is known."""
