"""Whether anything listens at the address."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from typing import TYPE_CHECKING, Final

from ..report import Result
from ..within import within
from .base import Check

if TYPE_CHECKING:
    from .base import Patient

__all__ = ["AddressCheck"]

TIMEOUT_S: Final = 10.0
"""For the name, the connection and the encryption together."""
TLS_TIMEOUT_S: Final = 5.0
"""For the encryption of a connection that stands."""


OF_ANOTHER_NAME: Final = (62, 64)
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""
OUT_OF_DATE: Final = (9, 10)
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


class AddressCheck(Check):
    """Name, TCP connection and certificate."""

    name = "address"
    fatal = True

    async def run(self, patient: Patient) -> Result:
        """Connect, and hang up."""
        target = patient.target
        try:
            seconds = await within(_connect(patient), TIMEOUT_S)
        except _SilentTLSError:
            return _failed(
                f"{target.authority} takes the connection and does not answer to TLS.",
                "If it is not encrypted, begin the address with http://.",
            )
        except asyncio.TimeoutError:
            return _failed(
                f"{target.authority} does not answer within {TIMEOUT_S:.0f} s.",
                "Check that a firewall lets this machine in, and that the port is right.",
            )
        except (socket.gaierror, UnicodeError):
            return _failed(f"The name {target.host} is not known.", "Check its spelling, or DNS.")
        except ssl.SSLCertVerificationError as error:
            return _judge_certificate(target.authority, error)
        except ssl.SSLError:
            return _failed(
                f"{target.authority} does not speak TLS.", "Try the address with http://."
            )
        except ConnectionRefusedError:
            return _failed(
                f"Nothing listens at {target.authority}.",
                "Start what is to listen there, or correct host and port.",
            )
        except OSError as error:
            said = os.strerror(error.errno) if error.errno else "the connection breaks off"
            return _failed(
                f"{target.authority} cannot be reached: {said}.",
                "Start what is to listen there, or correct host and port.",
            )
        connect_ms = seconds * 1000
        kind = "TCP and TLS" if target.tls else "TCP"
        return Result(
            "ok",
            f"{target.shown} can be reached ({kind} in {connect_ms:.0f} ms).",
            figures={"connect_ms": round(connect_ms, 1), "tls": target.tls},
        )


class _SilentTLSError(Exception):
    """Something listens, and says nothing to the beginning of TLS."""


async def _connect(patient: Patient) -> float:
    """Connect, first without TLS where there is some; return the seconds that the last took."""
    target = patient.target
    seconds = await _open(target.host, target.port, None)
    if target.tls:
        trying = _open(target.host, target.port, patient.line.tls_context)
        try:
            seconds = await within(trying, TLS_TIMEOUT_S)
        except asyncio.TimeoutError:
            raise _SilentTLSError from None
    return seconds


async def _open(host: str, port: int, context: ssl.SSLContext | None) -> float:
    since_s = time.monotonic()
    _, writer = await asyncio.open_connection(host, port, ssl=context)
    writer.close()
    return time.monotonic() - since_s


def _judge_certificate(authority: str, error: ssl.SSLCertVerificationError) -> Result:
    why = error.verify_message.rstrip(".")
    said = f"The certificate of {authority} is not trusted: {why}."
    if error.verify_code in OF_ANOTHER_NAME:
        return _failed(said, "Give the address with a name that the certificate is for.")
    if error.verify_code in OUT_OF_DATE:
        return _failed(said, "Renew the certificate where TLS ends, or set this machine's clock.")
    return _failed(said, "Give the file of its authority: SSL_CERT_FILE=… jupyter ai-ws doctor …")


def _failed(sentence: str, advice: str) -> Result:
    return Result("failed", sentence, (advice,))
