from __future__ import annotations

from typing import Any

import pytest
from tornado.httpclient import HTTPClientError


async def test_closes_its_tab_when_the_login_is_there(jp_fetch: Any) -> None:
    answer = await jp_fetch("jupyter-ai-ws", "login")
    assert answer.code == 200
    assert "window.close()" in answer.body.decode()
    assert answer.headers["Cache-Control"] == "no-store"


async def test_sends_the_browser_to_the_login_and_back(jp_fetch: Any, jp_base_url: str) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(
            "jupyter-ai-ws", "login", headers={"Authorization": ""}, follow_redirects=False
        )
    assert refused.value.code == 302
    assert refused.value.response is not None
    address = refused.value.response.headers["Location"]
    assert address.startswith(f"{jp_base_url}login?next=")
    assert address.endswith("jupyter-ai-ws%2Flogin")
