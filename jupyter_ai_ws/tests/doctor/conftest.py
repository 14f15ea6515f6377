"""Fixtures of the doctor's tests."""

from __future__ import annotations

import pytest
from tornado.testing import bind_unused_port


@pytest.fixture
def unused_port() -> int:
    """Return a port on which nothing listens."""
    listener, port = bind_unused_port()
    listener.close()
    return port
