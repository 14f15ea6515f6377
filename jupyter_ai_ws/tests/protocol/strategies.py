"""What hypothesis tries."""

from __future__ import annotations

from hypothesis import strategies as st

from jupyter_ai_ws.protocol.frames import Ack, Bye, Ping, Pong, Welcome
from jupyter_ai_ws.protocol.limits import MAX_CHANNEL, MAX_INTEGER
from jupyter_ai_ws.protocol.records import Accept, Close, Credit, Open, Refuse
from jupyter_ai_ws.protocol.text import fit_text
from jupyter_ai_ws.protocol.units import RS

any_text = st.text(alphabet=st.characters() | st.sampled_from([RS, "{", "\ud800", "\udc00"]))
"""Also with lone surrogates."""
text = st.text(alphabet=st.characters(codec="utf-8") | st.just(RS))
large_text = st.builds(
    lambda piece, times, tail: piece * times + tail,
    st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=5),
    st.integers(0, 20_000),
    text,
)
large_bytes = st.builds(
    lambda piece, times: piece * times, st.binary(max_size=5), st.integers(0, 20_000)
)
counts = st.integers(0, MAX_INTEGER)
channels = st.integers(1, MAX_CHANNEL)
codes = st.integers(1000, 4999)
reasons = any_text.map(lambda reason: fit_text(reason, 123))
json_values = st.recursive(
    st.none() | st.booleans() | counts | st.text(max_size=5),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=6,
)
parameters = st.dictionaries(st.text(max_size=5), json_values, max_size=3)

control_frames = st.one_of(
    st.builds(Ack, counts),
    st.builds(Ping, counts, counts),
    st.builds(Pong, counts, counts),
    st.just(Bye()),
    st.builds(
        Welcome,
        resumed=st.booleans(),
        epoch=st.none() | st.text(),
        instance=st.text(),
        received=counts,
        serial=counts,
        limits=st.dictionaries(st.text(), counts, max_size=3),
    ),
)

records = st.one_of(
    st.builds(Open, channels, st.text(min_size=1, max_size=128), parameters),
    st.builds(Accept, channels, parameters),
    st.builds(Refuse, channels, codes, reasons),
    st.builds(Close, channels, codes, reasons),
    st.builds(Credit, channels, counts),
)
