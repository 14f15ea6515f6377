"""Text as UTF-8 will carry it (C1, C3)."""

from __future__ import annotations


def utf8_length(text: str) -> int:
    """Measure a text (C1).

    Args:
        text: Any text; a lone surrogate counts as the U+FFFD that replaces it.

    Returns:
        Its length in UTF-8 bytes.
    """
    if text.isascii():
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        return len(well_formed(text).encode())


def well_formed(text: str) -> str:
    """Replace each lone surrogate by U+FFFD and join the paired ones (C3).

    Args:
        text: Any text, also one that UTF-8 cannot carry.

    Returns:
        A text that UTF-8 can carry; the same object if it was one.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def fit_text(text: str, limit_bytes: int) -> str:
    """Cut a text at its end, never inside a code point.

    Args:
        text: Any text.
        limit_bytes: The most UTF-8 bytes it may have.

    Returns:
        The longest beginning within the limit, well-formed.
    """
    return well_formed(text).encode()[:limit_bytes].decode("utf-8", "ignore")
