"""The page behind the login."""

from __future__ import annotations

import re
from typing import Final

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from .strict_handler import StrictHandler

__all__ = ["LoginHandler", "page_language"]

_PAGE: Final = """\
<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<title>{title}</title>
<script>window.close()</script>
<p>{sentence}</p>
"""
_TEXTS: Final = {
    "en": ("Logged in", "You are logged in. You can close this tab."),
    "zh-CN": ("已登录", "您已登录。可以关闭此标签页。"),
}
"""Title and sentence by language."""
_CHINESE: Final = re.compile(r"zh([-_](hans|cn|sg)\b.*)?", re.IGNORECASE)
"""Simplified Chinese, by any of its names."""
_ENGLISH: Final = re.compile(r"en\b.*", re.IGNORECASE)


class LoginHandler(StrictHandler, JupyterHandler):
    """Asks for the login, wherever it is kept, and closes its tab when it is there.

    A page whose login has expired opens it in a new tab and goes on when the tab has closed.
    """

    auth_resource = "jupyter_ai_ws"

    @web.authenticated
    @authorized
    def get(self) -> None:
        """Say that the login is there, or send the browser to where it is given."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("Vary", "Accept-Language")
        language = page_language(self.request.headers.get("Accept-Language", ""))
        title, sentence = _TEXTS[language]
        self.finish(_PAGE.format(language=language, title=title, sentence=sentence))


def page_language(accepted: str) -> str:
    """Choose the language of the page.

    Args:
        accepted: The header `Accept-Language`, whatever it holds.

    Returns:
        "en" or "zh-CN": the one that the browser likes better, English unless it names one.
    """
    ranges = [_read_range(each) for each in accepted.split(",")]
    for _, tag in sorted(ranges, key=lambda each: -each[0]):
        if _CHINESE.fullmatch(tag):
            return "zh-CN"
        if _ENGLISH.fullmatch(tag):
            return "en"
    return "en"


def _read_range(text: str) -> tuple[float, str]:
    """Return how much a language is wanted, and its tag; no tag for one that is not."""
    tag, *parameters = (part.strip() for part in text.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                quality = float(parameter[2:])
            except ValueError:
                quality = 0.0
            # Not every number is one: NaN is above nothing.
            return (quality, tag) if quality > 0 else (0.0, "")
    return 1.0, tag
