"""Where the machine has a proxy."""

import os
import socket
import threading
import time
from pathlib import Path

import pytest
import requests

from shared.errors import ArrTokenError, StsUnavailable, UpstreamTimeout
from tests.unit.upstreams.harness import Way
from tests.unit.upstreams.server import SOON_S, Server, answer, trusted


@pytest.fixture(autouse=True)
def _no_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no address kept from the proxy, and no retry pause."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("shared.upstreams.transport._BACK_OFF_S", (0.0, 0.0))


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while received := source.recv(65_536):
            target.sendall(received)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


class Proxy(Server):
    """Does CONNECT."""

    def __init__(self) -> None:
        super().__init__(self._connect)

    def _connect(self, client: socket.socket) -> None:
        host, _, port = self.requests[-1].split()[1].partition(":")
        with socket.create_connection((host, int(port))) as target:
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_pump, args=(target, client))
            back.start()
            _pump(client, target)
            back.join()


def test_a_direct_line_passes_the_proxy_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """The identity endpoint's secret header goes to the host itself, and a proxy gets other calls only."""
    with Server(answer(200, b"proxy")) as proxy, Server(answer(200, b"server")) as server, Way() as way:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert requests.get(server.url, timeout=5).content == b"proxy"
        assert way.line().session.get(server.url).content == b"proxy"
        assert way.line(direct=True).session.get(server.url).content == b"server"
        assert (len(proxy.requests), len(server.requests)) == (2, 1)


def test_a_key_passes_a_proxy_within_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The proxy learns the address, and nothing of the call."""
    context = trusted(monkeypatch, tmp_path)
    with Proxy() as proxy, Server(answer(), context=context) as server, Way() as way:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        line = way.line()
        for _ in range(2):
            assert line.session.get(server.url, headers={"Authorization": "hunter2"}).status_code == 200
        way.connections.close()
        assert len(proxy.requests) == 1
        assert "hunter2" not in proxy.requests[0]
        assert all("hunter2" in request for request in server.requests)
        assert {connected.fileno() for connected in way.connections._sockets} == {-1}


def test_giving_up_ends_a_call_behind_a_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A connection that goes through a proxy is shut like any other."""

    def give_up(connected: socket.socket) -> None:
        way.exchange.give_up()
        server.hang(connected)

    context = trusted(monkeypatch, tmp_path)
    with Proxy() as proxy, Server(give_up, context=context) as server, Way() as way:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        began = time.monotonic()
        with pytest.raises(StsUnavailable):
            way.line().session.get(server.url)
        assert time.monotonic() - began < SOON_S
        way.connections.close()


def test_giving_up_ends_a_trickled_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy's answer to CONNECT can be stretched, and is ended, like that of any service."""

    def give_up(connected: socket.socket) -> None:
        threading.Timer(0.1, way.exchange.give_up).start()
        proxy.trickle(connected)

    with Server(give_up) as proxy, Way() as way:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        began = time.monotonic()
        with pytest.raises(StsUnavailable):
            way.line().session.get("https://127.0.0.1:1/")
        assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize(
    "refused", [b"", answer(407), answer(503), b"hunter2\r\n\r\n"], ids=["-", "407", "503", "junk"]
)
def test_a_proxy_that_refuses_is_a_connection_failure(refused: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again, and the proxy's user and password stay out of the error."""
    with Server(refused) as proxy, Way() as way:
        monkeypatch.setenv("HTTPS_PROXY", f"http://hunter2:hunter3@{proxy.address}")
        with pytest.raises(StsUnavailable) as raised:
            way.line().session.get("https://127.0.0.1:1/")
        assert len(proxy.requests) == 3
    assert raised.value.upstream_status is None
    assert raised.value.__cause__ is raised.value.__context__ is None
    assert "hunter" not in f"{raised.value!r}{vars(raised.value)}"


def test_a_proxy_that_hangs_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for the proxy's consent ends at the exchange's deadline, and is not tried again."""
    with Server(answer()) as proxy, Way(limit_s=0.2) as way:
        proxy.then(proxy.hang)
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        began = time.monotonic()
        with pytest.raises(UpstreamTimeout):
            way.line().session.get("https://127.0.0.1:1/")
        assert time.monotonic() - began < SOON_S
        assert len(proxy.requests) == 1


@pytest.mark.parametrize("proxy", ["nonsense://127.0.0.1:1", "http://", "socks5://127.0.0.1:1", "http://127.0.0.1:x"])
def test_a_proxy_setting_that_makes_no_sense(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken HTTPS_PROXY is one of our errors too, without its text."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with Way() as way, pytest.raises(ArrTokenError) as raised:
        way.line().session.get("https://127.0.0.1:1/")
    assert proxy not in f"{raised.value!r}"
