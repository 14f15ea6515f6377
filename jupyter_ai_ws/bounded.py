"""Settings of which one wrong value never loses the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from traitlets import Bool, Float, Int, TraitError

if TYPE_CHECKING:
    from traitlets.config import Application

__all__ = ["BoundedFloat", "BoundedInt", "SafeBool", "warn_once"]

_warned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()

# A `TraitError` in one setting would make traitlets drop everything else in the configuration
# of the extension, so these traits say what is wrong and go on with a value that works.


class _Bounded:
    """Out of range a value becomes the nearest bound, of another type the default."""

    name: str | None
    default_value: Any

    def __init__(self, default: float, least: float, most: float, **metadata: Any) -> None:
        """Take the range.

        Args:
            default: The value unless configured.
            least: The smallest value.
            most: The largest value.
            metadata: `config`, `help` and so on.
        """
        super().__init__(default, **metadata)  # type: ignore[call-arg]
        self.least = least
        self.most = most

    def validate(self, obj: Application, value: Any) -> Any:
        """Return the value to use for a configured one."""
        try:
            is_number = not isinstance(value, bool)
            number = super().validate(obj, value if is_number else None)  # type: ignore[misc]
        except TraitError:
            number = self.default_value
        return _noted(obj, self.name, value, _within(number, self.least, self.most))


class BoundedInt(_Bounded, Int):  # type: ignore[type-arg]
    """An integer setting with a range."""


class BoundedFloat(_Bounded, Float):  # type: ignore[type-arg]
    """A number setting with a range."""


class SafeBool(Bool):  # type: ignore[type-arg]
    """A switch; of another type it becomes the default."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the value to use for a configured one."""
        used = value if isinstance(value, bool) else self.default_value
        return _noted(obj, self.name, value, used)


def warn_once(app: Application, message: str, *args: object) -> None:
    """Say what is wrong with a setting, once: traitlets validates each value several times.

    Args:
        app: Whose setting it is.
        message: What is wrong, and what is used instead; as `Logger.warning` takes it.
        args: What it is about.
    """
    warning = message % args
    warned = _warned.setdefault(app, set())
    if warning not in warned:
        warned.add(warning)
        app.log.warning("%s", warning)


def _within(number: Any, least: float, most: float) -> Any:
    """Return the nearest number in the range; the least for what is not a number."""
    return min(number, most) if number >= least else least


def _noted(app: Application, name: str | None, value: Any, used: Any) -> Any:
    """Return what is used, saying so where it is not what was configured."""
    if used != value:
        warn_once(app, "%s.%s is %r, not %r.", type(app).__name__, name, used, value)
    return used
