"""The function's threads. They end a moment after an exchange's result, and keep its objects until then."""

import threading
import time


def end(within_s: float) -> bool:
    """Wait until all of them have ended, for so long at most; return whether they have."""
    until = time.monotonic() + within_s
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("arr-token-")]
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)
