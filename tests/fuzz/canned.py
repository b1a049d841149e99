"""Replaces the network right below the transport: our code and the SDKs run, at a hundredth of the cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from unittest.mock import patch

import requests
import urllib3
from requests.adapters import HTTPAdapter

from shared.clock import system_clock
from shared.tokens.exchange import Exchange
from shared.upstreams.connections import Connections
from tests.fuzz.rubbish import Sent


@contextmanager
def upstream(*responses: Sent) -> Iterator[Connections]:
    """Have each request get the next of these responses; the last one serves all later requests."""
    left = list(responses)

    def send(adapter: HTTPAdapter, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        sent = left.pop(0) if len(left) > 1 else left[0]
        fields = sent.headers | {"Content-Length": str(len(sent.body))}
        raw = urllib3.HTTPResponse(BytesIO(sent.body), fields, sent.status, preload_content=False)
        return adapter.build_response(request, raw)

    connections = Connections(Exchange("request", 5.0, system_clock), system_clock, back_off_s=(0.0, 0.0))
    with patch.object(HTTPAdapter, "send", send):
        yield connections
    connections.close()
