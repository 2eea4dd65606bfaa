"""What a process is made of lives as long as it does: Python's collector need not look at it again and again."""

import gc


def spare_what_stands() -> None:
    """Once, when everything is imported and built. A full collection walks every object there is, and nothing else
    runs meanwhile: 0.17 s each, twice a second while presses come (`python -m bench confirming`)."""
    gc.collect()
    gc.freeze()
