"""The measurements themselves, with a few calls each, for the apps that need no more than the local stack."""

import socket
import ssl
from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter
from urllib.parse import urlsplit

import pytest

from bench.apps import App
from bench.measure import Bench
from bench.plan import QUICK, TIMELINES, Setting
from bench.results import Start
from bench.services import Distance, ServicesProcess


@pytest.fixture(scope="module")
def services() -> Iterator[ServicesProcess]:
    with ServicesProcess() as process:
        yield process


@pytest.fixture(scope="module")
def bench(services: ServicesProcess, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(QUICK._replace(at_once=(1,)), tmp_path_factory.mktemp("apps"), services)


def test_a_start_costs_more_than_doing_nothing(bench: Bench) -> None:
    """GetArrToken's load, first token, processor time and memory are above the floor's."""
    ours, floor = (_start(bench, Setting.NO_NETWORK, app) for app in (App.OURS, App.FLOOR))
    assert 0 < floor.load_s < floor.first_s < ours.first_s
    assert 0 < floor.processor_s < ours.processor_s
    assert 0 < floor.resident_mib < ours.resident_mib


def test_a_call_takes_a_round_trip_and_the_services_work(bench: Bench) -> None:
    """The simulated services respond as late as in Azure."""
    bench.timeline(App.SAMPLE)
    for span in bench.results.timelines[App.SAMPLE][-1].spans:
        if span.kind in {"call", "challenge"}:
            assert span.end_s - span.begin_s >= sum(Setting.AZURE.distances[span.lane])


def test_a_new_connection_takes_two_round_trips(services: ServicesProcess) -> None:
    """A new connection takes one round trip for TCP and one for TLS 1.3."""
    services.reset({"sts": Distance(round_trip_s=0.2)})
    address = urlsplit(services.environment["ARR_STS_URL"])
    context = ssl.create_default_context(cafile=services.environment["SSL_CERT_FILE"])
    with socket.create_connection((address.hostname, address.port)) as connection:
        began = perf_counter()
        with context.wrap_socket(connection, server_hostname=address.hostname):
            assert perf_counter() - began >= 0.4


def test_the_first_call_comes_later_on_a_busy_host(bench: Bench) -> None:
    """The host's own work delays the first call of any function."""
    floor = _start(bench, Setting.BUSY_HOST, App.FLOOR)
    assert floor.first_s - floor.load_s > Setting.BUSY_HOST.host_work_s
    assert floor.processor_s < Setting.BUSY_HOST.host_work_s  # other processes spin, not this one


def test_a_timeline_shows_each_connection_and_call_once(bench: Bench) -> None:
    """Threads and services share one clock: the sample reads the key after its token came, then calls the STS."""
    bench.timeline(App.SAMPLE)
    timeline = bench.results.timeline(App.SAMPLE)
    services = sorted(span for span in timeline.spans if not span.label and span.kind not in {"import", "read CAs"})
    assert [(span.lane, span.kind) for span in services] == [
        ("key-vault", "connection"),
        ("key-vault", "challenge"),
        ("identity", "connection"),
        ("identity", "call"),
        ("key-vault", "call"),
        ("sts", "connection"),
        ("sts", "call"),
    ]
    for one, other in pairwise(services):
        assert timeline.load_s < one.begin_s < one.end_s <= other.begin_s
    assert services[-1].end_s <= timeline.first_s


def test_a_timeline_shows_imports_where_they_happen(bench: Bench) -> None:
    """The usual sample imports the SDKs while it is loaded, GetArrToken in a thread."""
    for app in TIMELINES:
        bench.timeline(app)
        spans = sorted(bench.results.timeline(app).spans)
        first = next(span for span in spans if span.label == "azure.identity")
        assert (first.lane == "event loop") == (app is App.SAMPLE)
        for lane in {span.lane for span in spans if span.label}:
            thread = [span for span in spans if span.lane == lane]
            assert all(one.end_s <= other.begin_s for one, other in pairwise(thread))


def _start(bench: Bench, setting: Setting, app: App) -> Start:
    bench.start(setting, app)
    return bench.results.starts[setting][app][-1]


def test_the_floor_responds_as_getarrtoken_does(bench: Bench) -> None:
    """The floor's response has the size of GetArrToken's; otherwise the measurement fails."""
    bench.cached()
    for app in (App.OURS, App.FLOOR):
        (latency,) = bench.results.cached[app]
        assert 0 < latency.p50_s <= latency.p99_s


def test_calls_are_counted_for_all_requests(bench: Bench) -> None:
    """One exchange serves any number of callers; the usual sample makes one for each."""
    bench.calls(App.OURS)
    bench.calls(App.SAMPLE)
    ours, sample = bench.results.calls[App.OURS], bench.results.calls[App.SAMPLE]
    assert ours.first == ours.many <= 4
    # Three calls for each request; one or two of them also get Key Vault's challenge, so the line is not exact.
    assert sample.first >= 2_500
    assert sample.many >= 250_000


def test_the_usual_sample_waits_for_the_sts_each_time(bench: Bench) -> None:
    """The simulated STS's latency limits the usual sample's rate."""
    bench.rate(App.SAMPLE)
    (rate,) = bench.results.rates[App.SAMPLE][1]
    assert rate.p50_s >= QUICK.sts_latency_s
    assert rate.per_s <= 1 / QUICK.sts_latency_s
