"""What must be true of a channel when all is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ai_ws.protocol.server_end import ServerChannel

if TYPE_CHECKING:
    from .applications import Application, Record
    from .world import World


def check_channel(world: World, page: Application, server: Application | None) -> None:
    """Judge both directions and both final events of one channel."""
    if server is None:
        if page.received:
            world.fail(f"channel {page.channel.number}: records without a server end")
        if page.final is None:
            world.fail(f"channel {page.channel.number}: never reached the server")
        if page.final.kind == "refused":
            world.fail(f"channel {page.channel.number}: refused by nobody")
        return
    _check_direction(world, page, server)
    _check_direction(world, server, page)
    if (page.final is None) != (server.final is None):
        world.fail(f"channel {page.channel.number}: ended on one side only")
    _check_ending(world, page, server)
    _check_ending(world, server, page)


def check_memory(world: World) -> None:
    """When all has been taken and acknowledged nobody holds memory (P2)."""
    if world.held is not None:
        session = world.held.session
        held = session.memory_bytes
        for channel in session.channels.values():
            assert isinstance(channel, ServerChannel)
            held -= channel.parameters_cost
        if held:
            world.fail(f"a session holds {held} bytes")
    acceptor = world.server.acceptor
    total = sum(held.session.memory_bytes for held in acceptor.sessions.values())
    if acceptor.memory_bytes != total:
        world.fail(f"the acceptor counts {acceptor.memory_bytes} bytes, not {total}")


def _check_ending(world: World, end: Application, other: Application) -> None:
    """Who closes gets its own code back, the other end gets that (X7)."""
    final = end.final
    if final is not None and final.kind == "closed":
        how = end.closed_by_us or other.closed_by_us
        if final.code != (3000 if how == "close" else 3001):
            world.fail(f"{end.side} channel {end.channel.number}: ended with {final.code}")


def _check_direction(world: World, sender: Application, receiver: Application) -> None:
    where = f"{sender.side} channel {sender.channel.number}"
    got, sent = receiver.received, sender.sent
    if got != sent[: len(got)]:
        world.fail(f"{where}: {_difference(sent, got)}")
    complete = len(got) == len(sent)
    final = sender.final
    if final is None or _must_be_whole(sender, receiver):
        if not complete:
            world.fail(f"{where}: {len(got)} of {len(sent)} records arrived")
        return
    if final.kind == "discontinuity" and receiver.closed_by_us is None:
        least = final.acknowledged
        most = final.acknowledged + final.perhaps_delivered
        if not least <= len(got) <= most:
            world.fail(f"{where}: {len(got)} arrived, told {least} to {most}")
        if most + final.never_written != len(sent):
            world.fail(f"{where}: told of {most + final.never_written}, sent {len(sent)}")


def _must_be_whole(sender: Application, receiver: Application) -> bool:
    """A graceful close delivers everything unless the other end closed too (X2, X3)."""
    final = sender.final
    return (
        sender.closed_by_us == "close"
        and final is not None
        and final.kind == "closed"
        and receiver.closed_by_us is None
        and sender.channel.answer is not None
    )


def _difference(sent: list[Record], got: list[Record]) -> str:
    for index, record in enumerate(got):
        if index >= len(sent) or record != sent[index]:
            wanted = sent[index][:20] if index < len(sent) else None
            return f"record {index} is {record[:20]!r}, not {wanted!r}"
    return "no difference"
