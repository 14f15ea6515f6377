from __future__ import annotations

from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_ai_ws.login import page_language


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


@pytest.mark.parametrize(
    ("accepted", "language", "sentence"),
    [
        ("en-GB,en;q=0.9", "en", "You are logged in. You can close this tab."),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "您已登录。可以关闭此标签页。"),
    ],
)
async def test_speaks_the_language_of_the_browser(
    jp_fetch: Any, accepted: str, language: str, sentence: str
) -> None:
    answer = await jp_fetch("jupyter-ai-ws", "login", headers={"Accept-Language": accepted})
    page = answer.body.decode()
    assert f'<html lang="{language}">' in page
    assert f"<p>{sentence}</p>" in page


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("*", "en"),
        ("fr", "en"),
        ("zh", "zh-CN"),
        ("ZH-Hans-SG", "zh-CN"),
        ("zh-TW", "en"),
        ("fr, zh-CN;q=0.5", "zh-CN"),
        ("en;q=0.3, zh-CN ; q=0.7", "zh-CN"),
        ("zh-CN;q=0.3, en-US;q=0.7", "en"),
        ("zh-CN;q=0", "en"),
        ("zh-CN;q=nonsense, zh-CN;q=nan, ;q=, ;;", "en"),
    ],
)
def test_takes_the_language_that_is_wanted_most(accepted: str, language: str) -> None:
    assert page_language(accepted) == language
