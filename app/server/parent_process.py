"""Processes that another one started."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """End this process when the one that started it was killed: it would wait for work for ever."""
    threading.Thread(target=_wait_for_end_of_parent, daemon=True).start()


def _wait_for_end_of_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(2)
