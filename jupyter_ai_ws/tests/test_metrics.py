"""What `/metrics` shows, and that it harms nobody."""

from __future__ import annotations

import gc
import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from jupyter_ai_ws import metrics
from jupyter_ai_ws.metrics import METRICS, RESUMES, SESSIONS, MetricsCollector

from .scrape import PREFIX, Scrape, scrape

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from jupyter_ai_ws.app import AiWsApp
    from jupyter_ai_ws.metrics import Sample

    Fetch = Callable[..., Awaitable[Any]]

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


class Source:
    """Two numbers."""

    def __init__(self, parked: int = 0, resumes: int = 0) -> None:
        self.parked = parked
        self.resumes = resumes

    def samples(self) -> Iterator[Sample]:
        yield SESSIONS, "parked", self.parked
        yield RESUMES, "", self.resumes


class Broken:
    """Fails half-way."""

    def samples(self) -> Iterator[Sample]:
        yield RESUMES, "", 1
        raise RuntimeError("a bug")


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry(auto_describe=True)


@pytest.fixture
def collector(registry: CollectorRegistry) -> MetricsCollector:
    return MetricsCollector(registry)


def shown(registry: CollectorRegistry) -> Scrape:
    return Scrape(generate_latest(registry).decode())


def test_numbers_of_all_sources_are_added_up(
    collector: MetricsCollector, registry: CollectorRegistry
) -> None:
    sources = [Source(2, 3), Source(1, 4)]
    for source in sources:
        collector.publish(source)
    assert shown(registry) == {"sessions{parked}": 3, "resumes_total": 7}


def test_numbers_are_read_when_somebody_asks(
    collector: MetricsCollector, registry: CollectorRegistry
) -> None:
    source = Source()
    collector.publish(source)
    source.resumes = 5
    assert shown(registry)["resumes_total"] == 5


def test_source_that_is_withdrawn_or_gone_is_shown_no_longer(
    collector: MetricsCollector, registry: CollectorRegistry
) -> None:
    stays, withdrawn, gone = Source(1), Source(10), Source(100)
    for source in (stays, withdrawn, gone):
        collector.publish(source)
    collector.withdraw(withdrawn)
    collector.withdraw(withdrawn)
    del source, gone
    gc.collect()
    assert shown(registry)["sessions{parked}"] == 1
    collector.withdraw(stays)
    assert not shown(registry)
    collector.publish(stays)
    assert shown(registry)["sessions{parked}"] == 1


def test_source_that_fails_is_left_out_and_the_rest_is_shown(
    collector: MetricsCollector, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    broken, source = Broken(), Source(1, 2)
    collector.publish(broken)
    collector.publish(source)
    assert shown(registry) == {"sessions{parked}": 1, "resumes_total": 2}
    assert "cannot be read" in caplog.text


def test_second_copy_of_the_module_harms_nobody(
    collector: MetricsCollector, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    source = Source(1)
    collector.publish(source)
    spec = importlib.util.spec_from_file_location("copy_of_metrics", metrics.__file__)
    assert spec is not None
    assert spec.loader is not None
    copy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    copy.MetricsCollector(registry).publish(Source(10))
    assert shown(registry)["sessions{parked}"] == 1
    assert "not shown: Duplicated timeseries" in caplog.text


def test_every_metric_has_a_name_a_unit_and_a_help() -> None:
    for metric in METRICS:
        assert re.fullmatch(f"{PREFIX}[a-z]+(_[a-z]+)*", metric.name)
        assert not metric.name.endswith("_total")
        assert metric.help.endswith(".")
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_reference_lists_every_metric_with_its_type_and_label_and_no_other() -> None:
    rows = re.findall(r"^\| `(jupyter_ai_ws_\w+)` +\| (\w+) +\| (\S+)", REFERENCE.read_text(), re.M)
    assert sorted(rows) == sorted(
        (
            metric.name + ("_total" if metric.kind == "counter" else ""),
            metric.kind,
            f"`{metric.label}`" if metric.label else "none",
        )
        for metric in METRICS
    )


async def test_metrics_of_the_server_hold_every_metric(app: AiWsApp, jp_fetch: Fetch) -> None:
    assert app.sessions is not None
    found = await scrape(jp_fetch)
    assert found.types == {metric.name: metric.kind for metric in METRICS}


async def test_stopped_server_shows_no_metrics(app: AiWsApp, jp_fetch: Fetch) -> None:
    await app.stop_extension()
    assert await scrape(jp_fetch) == {}
