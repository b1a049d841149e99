"""Describes a fault in words."""

from local.services.faults import Fault

HANG_S = 1_000.0
_DROPS = {"before": "before any byte", "headers": "after half of the headers", "body": "after half of the body"}


def describe(fault: Fault) -> str:
    """Return a predicate for the service's name: `answers 503 with Retry-After 7, for 2 calls`."""
    actions = [text for text in (_response(fault), _delivery(fault), _delay(fault)) if text]
    text = " and ".join(actions) or "answers as usual"
    if fault.times is not None:
        text += f", for {fault.times} {'call' if fault.times == 1 else 'calls'}"
    if fault.skip:
        text += f", after {fault.skip} more that work"
    return text


def _response(fault: Fault) -> str:
    if fault.raw is not None:
        return "sends garbage in place of HTTP"
    status = "" if fault.status is None else f"answers {fault.status}"
    retry_after = fault.headers.get("Retry-After")
    if retry_after is not None:
        return f"{status or 'answers'} with Retry-After {retry_after}"
    if not status and fault.body is not None:
        return "answers with garbage in place of its body"
    if not status and fault.headers:
        return "answers with other headers"
    return status


def _delivery(fault: Fault) -> str:
    if fault.drop is not None:
        return f"drops the connection {_DROPS[fault.drop]}"
    if fault.trickle is not None:
        return f"sends its {fault.trickle} one byte each {fault.interval:g} s"
    return ""


def _delay(fault: Fault) -> str:
    if fault.delay >= HANG_S:
        return "hangs"
    return f"waits {fault.delay:g} s" if fault.delay else ""
