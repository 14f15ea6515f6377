"""What the doctor finds behind real nginx and HAProxy."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.doctor.checks import Options

from .certificate import make_certificate
from .examined import QUICK, examined, first_failed
from .processes import jupyter_server
from .proxies import FORWARDING, haproxy, nginx

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run
    from .processes import Program


@pytest.mark.parametrize("make", [nginx, haproxy])
async def test_well_configured_proxy_passes_every_check(
    make: type, tmp_path: Path, backend: Program, run: Run
) -> None:
    proxy = run(make(tmp_path, backend.port))
    report = await examined(proxy.port)
    verdicts = {name: result.verdict for name, result in report.results.items()}
    assert set(verdicts.values()) == {"ok", "skipped"}
    assert [name for name, verdict in verdicts.items() if verdict == "skipped"] == ["silence"]
    figures = report.results["streaming"].figures
    assert (figures["arrived"], figures["cuts"], figures["sessions_lost"]) == (400, 3, 0)


async def test_idle_time_out_is_found_and_the_line_to_change_is_named(
    tmp_path: Path, backend: Program, run: Run
) -> None:
    (tmp_path / "n").mkdir()
    (tmp_path / "h").mkdir()
    proxies = [
        run(nginx(tmp_path / "n", backend.port, f"{FORWARDING} proxy_read_timeout 3s;")),
        run(haproxy(tmp_path / "h", backend.port, "timeout tunnel 3s")),
    ]
    options = Options(idle_timeout_probe_s=12)
    reports = await asyncio.gather(
        *(examined(proxy.port, "origin", "silence", options=options) for proxy in proxies)
    )
    results = [report.results["silence"] for report in reports]
    for result in results:
        assert result.verdict == "advice"
        assert result.figures["cuts"] == 2
        assert 2.5 < result.figures["cut_after_s"] < 4.5
        assert result.advice[-1].endswith("c.AiWsApp.ping_interval_s = 1")
    assert "proxy_read_timeout 60s;" in results[0].advice[0]
    assert "timeout tunnel 60s" not in "".join(results[0].advice)
    assert any("timeout tunnel 60s" in step for step in results[1].advice)


@pytest.mark.parametrize(
    ("location", "check", "said", "advice"),
    [
        (
            "proxy_set_header Host $http_host;",
            "upgrade",
            "do not reach the server (400)",
            "nginx.conf, location of the server, what is missing of: proxy_http_version 1.1;",
        ),
        (
            f'{FORWARDING} proxy_set_header Sec-WebSocket-Protocol "";',
            "upgrade",
            "without the subprotocol",
            "Sec-WebSocket-Protocol",
        ),
        (
            f'{FORWARDING} proxy_set_header Authorization "";',
            "authentication",
            "The token is refused (403).",
            "strips the Authorization header",
        ),
        (
            FORWARDING.replace("$http_host", "localhost"),
            "origin",
            "the server is told that it is localhost",
            "nginx.conf, location of the server: proxy_set_header Host $http_host;",
        ),
        (
            FORWARDING.replace("$http_host", "inside.example"),
            "server",
            "refuses every request to this host name",
            "c.ServerApp.allow_remote_access = True",
        ),
        (
            f"{FORWARDING} if ($uri ~ /jupyter-ai-ws/ws) {{ return 403; }}",
            "upgrade",
            "The WebSocket is refused (403)",
            "filter",
        ),
        (
            f"{FORWARDING} if ($uri ~ /jupyter-ai-ws/ws) {{ return 444; }}",
            "upgrade",
            "is cut during the upgrade",
            "firewall",
        ),
        (
            f"{FORWARDING} if ($uri ~ /jupyter-ai-ws/health) {{ return 404; }}",
            "extension",
            "missing or disabled",
            "jupyter server extension enable jupyter_ai_ws",
        ),
        (
            f"{FORWARDING} if ($uri ~ /jupyter-ai-ws/) {{ return 500; }}",
            "extension",
            "in place of the probe's (500)",
            "every path",
        ),
        ("return 503;", "server", "the server is stopped or overloaded", "Hub Control Panel"),
        ("return 200 'welcome';", "server", "No Jupyter server answers", "when JupyterLab is open"),
        (
            "return 302 https://login.example/;",
            "server",
            "leads to another address",
            "jupyter server list",
        ),
    ],
)
async def test_misconfigured_proxy_is_named_with_what_to_change(
    location: str,
    check: str,
    said: str,
    advice: str,
    tmp_path: Path,
    backend: Program,
    run: Run,
) -> None:
    proxy = run(nginx(tmp_path, backend.port, location))
    report = await examined(proxy.port, "origin")
    name, result = first_failed(report)
    assert name == check
    assert said in result.sentence
    assert any(advice in step for step in result.advice)


async def test_proxy_without_a_server_behind_it_is_told_from_a_wrong_address(
    tmp_path: Path, unused_port: int, run: Run
) -> None:
    proxy = run(nginx(tmp_path, unused_port))
    name, result = first_failed(await examined(proxy.port))
    assert name == "server"
    assert result.sentence.startswith("A proxy answers in its place (502)")


async def test_encrypted_address_is_examined_with_its_own_name_and_certificate(
    tmp_path: Path, backend: Program, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make_certificate(tmp_path, "localhost")
    proxy = run(
        nginx(
            tmp_path,
            backend.port,
            # A wrong name in Host or TLS would be answered with 421.
            f"{FORWARDING} if ($ssl_server_name != localhost) {{ return 421; }}",
            listen="ssl",
            server=f"ssl_certificate {certificate}; ssl_certificate_key {key};",
        )
    )
    name, result = first_failed(await examined(proxy.port, scheme="https", host="localhost"))
    assert name == "address"
    assert "is not trusted" in result.sentence
    assert "SSL_CERT_FILE" in result.advice[0]
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    report = await examined(proxy.port, scheme="https", host="localhost")
    assert not report.failed
    assert report.results["address"].figures["tls"] is True
    assert report.results["streaming"].figures["cuts"] == QUICK.cuts
    assert report.results["origin"].verdict == "ok"
    wrong_name = first_failed(await examined(proxy.port, scheme="https"))
    assert wrong_name[0] == "address"
    assert "a name that the certificate is for" in wrong_name[1].advice[0]


@pytest.mark.parametrize(("scheme", "check"), [("https", "address"), ("http", "server")])
async def test_wrong_scheme_is_told(
    scheme: str, check: str, tmp_path: Path, backend: Program, run: Run
) -> None:
    certificate, key = make_certificate(tmp_path, "localhost")
    ssl = f"ssl_certificate {certificate}; ssl_certificate_key {key};"
    listen = "ssl" if scheme == "http" else ""
    proxy = run(nginx(tmp_path, backend.port, listen=listen, server=ssl if listen else ""))
    name, result = first_failed(await examined(proxy.port, scheme=scheme))
    assert name == check
    other = "http" if scheme == "https" else "https"
    assert f"the address with {other}://" in result.advice[0]


async def test_server_without_the_extension_is_told_what_to_install(
    tmp_path: Path, run: Run
) -> None:
    server = run(jupyter_server(tmp_path, extensions={"jupyter_ai_ws": False}))
    name, result = first_failed(await examined(server.port))
    assert name == "extension"
    assert "in a checkout of jupyter_ai_ws: pip install ." in result.advice[0]


@pytest.mark.parametrize(
    ("token", "said"),
    [(None, "no token was given"), ("wrong", "The token is refused (403).")],
)
async def test_credentials_that_do_not_do_are_told(
    token: str | None, said: str, backend: Program
) -> None:
    name, result = first_failed(await examined(backend.port, token=token))
    assert name == "authentication"
    assert said in result.sentence
    assert "jupyter server list" in result.advice[0]
