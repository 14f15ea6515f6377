"""Reading `/metrics` as Prometheus does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Fetch = Callable[..., Awaitable[Any]]

PREFIX = "jupyter_ai_ws_"


class Scrape(dict[str, float]):
    """Values by name, with the label's value in brackets: `sessions{parked}`, `resumes_total`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.labels: dict[str, dict[str, str]] = {}
        self.types: dict[str, str] = {}
        for family in text_string_to_metric_families(text):
            if not family.name.startswith(PREFIX):
                continue
            self.types[family.name] = family.type
            for sample in family.samples:
                name = sample.name.removeprefix(PREFIX)
                (value,) = sample.labels.values() or ("",)
                self[f"{name}{{{value}}}" if value else name] = sample.value
                self.labels.setdefault(sample.name, {}).update(sample.labels)


async def scrape(fetch: Fetch) -> Scrape:
    """Ask a server for its metrics."""
    return Scrape((await fetch("metrics")).body.decode())
