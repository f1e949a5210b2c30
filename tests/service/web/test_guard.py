"""Attacks, over the wire."""

import asyncio
import re
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from platestream.core.errors import ConfigError
from platestream.service.config import ServerConfig
from platestream.service.web import rendering
from platestream.service.web.app import make_app
from platestream.service.web.auth import Auth
from platestream.service.web.headers import SECURITY_HEADERS
from platestream.service.web.pages.forms import safe_next
from platestream.service.web.proxies import FORWARDED
from platestream.service.web.reachability import Exposure, check_exposure
from platestream.service.web_wiring import make_exposure
from tests.service.site import (
    OPERATOR_TOKEN,
    PASSWORD,
    VIEWER_TOKEN,
    Site,
    form_token,
    locked,
    log_in,
    new_event,
    serving,
)

OPERATORS_PAGES = ("/cameras/new", "/cameras/{name}/settings", "/users")
OPERATORS_ANSWERS = ("/api/v1/cameras/gate/settings", "/api/v1/cameras/test/x.jpg", "/api/v1/users")
FREE = {("GET", "/login"), ("GET", "/healthz"), ("GET", "/readyz")}


def routes(site: Site) -> list[tuple[str, str]]:
    """Every method and path that there is, with something in the place of each parameter."""
    found, open_routes = [], list[Any](site.app.routes)
    while open_routes:
        route = open_routes.pop()
        if router := getattr(route, "original_router", None):
            open_routes += router.routes
            continue
        assert isinstance(route, Route), f"{route}: what is no route passes the gate untested"
        found += [(method, route.path) for method in route.methods or () if method != "HEAD"]
    fill = {"event_id": "01a2082f-67ab-743b-9bd7-4323ac2a20df", "picture": "crop", "name": "gate"}
    return [
        (method, re.sub(r"\{(\w+)\}", lambda m: fill.get(m[1], "1"), path))
        for method, path in found
    ]


def assert_shape(response: httpx.Response, code: str) -> None:
    error = response.json()["error"]
    assert set(response.json()) == {"error"}
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == code
    assert error["message"]


def test_strangers_get_nothing_but_the_login(locked_site: Site) -> None:
    with locked_site.client() as client:
        tried = routes(locked_site)
        assert len(tried) > 60
        assert set(tried) >= FREE
        for method, path in tried:
            response = client.request(method, path)
            if (method, path) in FREE:
                assert response.status_code == 200
            elif (method, path) == ("POST", "/login"):
                assert response.status_code == 403, "no form of ours"
            elif path.startswith("/static/"):
                assert response.status_code == 404, "no file of ours"
            elif path.startswith("/signed/"):
                assert response.status_code == 422, "no signature"
            elif path.startswith(("/api/", "/metrics")):
                assert response.status_code == 401, path
                assert response.headers["www-authenticate"] == "Bearer"
                assert_shape(response, "not_logged_in")
            elif method == "GET":
                assert response.status_code == 303, path
                assert response.headers["location"].startswith("/login?next=%2F")
            else:
                assert response.status_code == 401, path
        assert client.get("/api/v1/nothing/there").status_code == 401, "not even what there is"


def test_viewers_change_nothing(locked_site: Site) -> None:
    with locked_site.client(VIEWER_TOKEN) as client:
        changing = [(m, p) for m, p in routes(locked_site) if m != "GET" and p != "/api/v1/read"]
        assert len(changing) > 25
        for method, path in changing:
            response = client.request(method, path)
            assert response.status_code == 403, path
        assert client.get("/api/v1/events").status_code == 200
        for path in (*OPERATORS_PAGES, *OPERATORS_ANSWERS):
            assert client.get(path.replace("{name}", "gate")).status_code == 403, path
    assert locked_site.store.watch_entries() == []
    assert locked_site.store.settings.cameras() == {}
    assert locked_site.store.settings.users() == []


def test_viewers_see_no_forms_that_change_things(locked_site: Site) -> None:
    event = new_event()
    locked_site.store.add(event)
    with locked_site.client() as client:
        assert log_in(client, "vera").status_code == 303
        for path in ("/watch", f"/events/{event.id}"):
            page = client.get(path)
            assert page.status_code == 200
            actions = re.findall(r'<form [^>]*action="([^"]+)"', page.text)
            assert actions == ["/logout"]
        token = form_token(client.get("/watch").text)
        form = {"form_token": token, "plate": "JRFY02", "list_name": "staff"}
        assert client.post("/watch", data=form).status_code == 403


def test_operators_do(locked_site: Site) -> None:
    entry = {"list_name": "staff", "plate": "JRFY02"}
    with locked_site.client(OPERATOR_TOKEN) as client:
        assert client.post("/api/v1/watch", json=entry).status_code == 201
    assert [e.plate for e in locked_site.store.watch_entries()] == ["JRFY02"]


@pytest.mark.parametrize("value", ["Bearer nobody", "Basic b3R0bzpvdHRv", "Bearer", "", "bearer"])
def test_other_authorizations_are_nobodys(locked_site: Site, value: str) -> None:
    with locked_site.client() as client:
        response = client.get("/api/v1/events", headers={"Authorization": value})
        assert response.status_code == 401
        assert_shape(response, "not_logged_in")


def test_guessing_tokens_is_slowed_down(locked_site: Site) -> None:
    with locked_site.client() as client:
        statuses = [
            client.get("/api/v1/events", headers={"Authorization": f"Bearer {n}"}).status_code
            for n in range(7)
        ]
        assert statuses == [401] * 5 + [429] * 2


def test_guessing_passwords_is_slowed_down(locked_site: Site) -> None:
    with locked_site.client() as client:
        answers = [log_in(client, password=f"wrong {n}") for n in range(6)]
        assert [a.status_code for a in answers] == [401] * 5 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 301
        assert log_in(client, password=PASSWORD).status_code == 429, "the right one waits too"


def test_wrong_names_and_wrong_passwords_look_the_same(locked_site: Site) -> None:
    with locked_site.client() as client:
        one, other = log_in(client, "nobody"), log_in(client, "otto", "wrong password")
        shown = [re.sub(r'value="[^"]*"', "", page.text) for page in (one, other)]
        assert shown[0] == shown[1]
        assert (one.status_code, other.status_code) == (401, 401)


def test_a_session_that_a_stranger_planted_is_never_logged_in(locked_site: Site) -> None:
    with locked_site.client(cookies={"platestream": "planted"}) as victim:
        assert log_in(victim).status_code == 303
        given = [c.value for c in victim.cookies.jar if c.value != "planted"]
    with locked_site.client(cookies={"platestream": "planted"}) as stranger:
        assert stranger.get("/api/v1/events").status_code == 401
    assert len(given) == 1
    assert len(given[0] or "") >= 43


def test_the_cookie_is_closed_to_scripts_and_other_sites(locked_site: Site) -> None:
    with locked_site.client() as client:
        cookie = log_in(client).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie, "it came by http"


def test_behind_https_the_cookie_is_secure(tmp_path: Any) -> None:
    with (
        serving(tmp_path, locked(), exposure=Exposure(https=True)) as site,
        site.client() as client,
    ):
        assert "Secure" in client.get("/login").headers["set-cookie"]


def test_logging_out_ends_the_session_on_the_server(locked_site: Site) -> None:
    with locked_site.client() as client:
        log_in(client)
        session = client.cookies["platestream"]
        assert client.get("/watch").status_code == 200
        form = {"form_token": form_token(client.get("/watch").text)}
        assert client.post("/logout", data=form).headers["location"] == "/login"
    with locked_site.client(cookies={"platestream": session}) as again:
        assert again.get("/watch").status_code == 303


def test_forms_without_our_token_are_refused(site: Site) -> None:
    paths = [p for method, p in routes(site) if method == "POST" and not p.startswith("/api/")]
    assert {"/login", "/logout", "/watch", "/cameras/new", "/users"} < set(paths)
    fields = {"plate": "AB123", "list_name": "x", "name": "anna", "password": PASSWORD}
    fields |= {"role": "operator", "camera_name": "evil", "url": "rtsp://10.0.0.1/x"}
    with site.client() as client:
        client.get("/watch")
        for path in paths:
            for form in ({}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": "é"}):
                response = client.post(path, data={**form, **fields}, files={"file": b"plate,list"})
                assert response.status_code == 403, path
    assert site.store.watch_entries() == []
    assert site.store.settings.cameras() == {}
    assert site.store.settings.users() == []


def test_a_token_made_for_one_browser_is_no_good_in_another(site: Site) -> None:
    with site.client() as mine, site.client() as other:
        token = form_token(mine.get("/watch").text)
        other.get("/watch")
        form = {"form_token": token, "plate": "JRFY02", "list_name": "staff"}
        assert other.post("/watch", data=form).status_code == 403
        assert mine.post("/watch", data=form).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_what_another_site_sends_is_refused(site: Site, headers: dict[str, str]) -> None:
    """Nobody has to log in here, so a cookie alone would protect nothing."""
    entry = {"list_name": "staff", "plate": "JRFY02"}
    with site.client() as client:
        assert client.post("/api/v1/watch", json=entry, headers=headers).status_code == 403
        token = form_token(client.get("/watch").text)
        form = {**entry, "form_token": token}
        assert client.post("/watch", data=form, headers=headers).status_code == 403
        assert site.store.watch_entries() == []
        own = {"Origin": site.url, "Sec-Fetch-Site": "same-origin"}
        assert client.post("/api/v1/watch", json=entry, headers=own).status_code == 201


def test_a_session_changes_things_by_api_only_with_the_form_token(locked_site: Site) -> None:
    entry = {"list_name": "staff", "plate": "JRFY02"}
    with locked_site.client() as client:
        log_in(client)
        assert client.post("/api/v1/watch", json=entry).status_code == 403
        token = {"X-CSRF-Token": form_token(client.get("/watch").text)}
        assert client.post("/api/v1/watch", json=entry, headers=token).status_code == 201


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.nip.io", ""]
)
def test_strangers_names_for_this_machine_are_refused(site: Site, host: str) -> None:
    """DNS rebinding: a page of evil.example, which its owner lets lead to 127.0.0.1."""
    with site.client() as client:
        response = client.get("/api/v1/events", headers={"Host": host})
        assert response.status_code == 421
        assert_shape(response, "wrong_host")


@pytest.mark.parametrize(
    "host", ["x/healthz?", "x/healthz#", "/login", "localhost/static/", "a b", "a@b", "[::1]/x", ""]
)
def test_no_host_makes_a_path_another(tmp_path: Any, host: str) -> None:
    """Frameworks build a request's address from its Host header, and then look at its path."""
    with serving(tmp_path, locked(), exposure=Exposure(hosts=None)) as site:
        with socket.create_connection(("127.0.0.1", site.port), 10) as wire:
            request = f"GET /api/v1/events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            wire.sendall(request.encode())
            answer = b"".join(iter(lambda: wire.recv(65536), b""))
        assert int(answer.split(b" ")[1]) in (400, 421)
        with site.client() as client:
            named = client.get("/healthz", headers={"Host": "plates.example:8443"})
            assert named.status_code == 200


def test_own_names_are_taken(site: Site) -> None:
    with site.client() as client:
        for host in ("localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "[::1]"):
            assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "names"),
    [("0.0.0.0", []), ("::", []), ("192.0.2.1", []), ("plates.example", []),
     ("127.0.0.1", ["plates.example"])],
)  # fmt: skip
def test_nobody_is_let_in_from_elsewhere_without_a_login(host: str, names: list[str]) -> None:
    with pytest.raises(ConfigError, match="nobody has to log in"):
        check_exposure(Auth(), host, frozenset(names))
    check_exposure(locked(), host, frozenset(names))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.1.2.3"])
def test_this_machine_alone_needs_no_login(host: str) -> None:
    check_exposure(Auth(), host, frozenset())


@pytest.mark.parametrize(
    "path", ["/", "/login", "/healthz", "/api/v1/events", "/nothing", "/static/page.js"]
)
def test_every_answer_has_the_security_headers(site: Site, path: str) -> None:
    with site.client() as client:
        headers = client.get(path).headers
    for name, value in SECURITY_HEADERS.items():
        if name != "Cache-Control":
            assert headers.get_list(name) == [value], name
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "server" not in headers


def test_what_breaks_on_our_side_says_nothing_of_it(site: Site, monkeypatch: Any) -> None:
    def broken(*_: Any, **__: Any) -> None:
        msg = "/secret/path and a password"
        raise RuntimeError(msg)

    monkeypatch.setattr(site.store, "find", broken)
    # uvicorn drops the connection after such an answer.
    with site.client(headers={"Connection": "close"}) as client:
        for path in ("/api/v1/events", "/events"):
            response = client.get(path)
            assert response.status_code == 500
            assert "secret" not in response.text
            assert response.headers["x-frame-options"] == "DENY"
        assert_shape(client.get("/api/v1/events"), "internal")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static//etc/passwd",
        "/api/v1/events/..%2f..%2fetc%2fpasswd/crop.jpg",
        "/api/v1/events/01a2082f-67ab-743b-9bd7-4323ac2a20df/..%2f..%2fcrop.jpg",
        "/api/v1/events/01a2082f-67ab-743b-9bd7-4323ac2a20df/strip/..%2f1.jpg",
        "/api/v1/cameras/..%2f..%2fetc%2fpasswd/snapshot.jpg",
        "/api/v1/live/..%2f..%2fetc%2fpasswd/crop.jpg",
        "/events/..%2f..%2fetc%2fpasswd",
        "/%00",
    ],
)
def test_no_path_leads_out(site: Site, path: str) -> None:
    """As raw bytes, since clients tidy paths up."""
    with socket.create_connection(("127.0.0.1", site.port), 10) as wire:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        wire.sendall(request.encode())
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    status = int(answer.split(b" ")[1])
    assert status in (400, 404, 422)
    assert b"root:" not in answer
    assert b"make_app" not in answer


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "\t//evil.example", " //evil.example", "/\n/evil.example",
        "javascript:alert(1)", "evil.example", "///evil.example", "/ok\r\nX-Evil: 1", "",
    ],
)  # fmt: skip
def test_a_login_leads_to_no_other_site(locked_site: Site, target: str) -> None:
    assert safe_next(target) == "/"
    with locked_site.client() as client:
        page = client.get("/login", params={"next": target}).text
        form = {"name": "otto", "password": PASSWORD, "next": target}
        response = client.post("/login", data={**form, "form_token": form_token(page)})
        assert response.status_code == 303
        assert response.headers["location"] == "/"
        assert "x-evil" not in response.headers


def test_a_login_leads_back_to_where_one_was(locked_site: Site) -> None:
    with locked_site.client() as client:
        asked = client.get("/events?plate=AB%261&how=like")
        page = client.get(asked.headers["location"]).text
        form = {"name": "otto", "password": PASSWORD, "form_token": form_token(page)}
        form["next"] = (
            page.partition('name="next" value="')[2].partition('"')[0].replace("&amp;", "&")
        )
        response = client.post("/login", data=form)
        assert response.headers["location"] == "/events?plate=AB%261&how=like"


def test_bodies_are_bounded_whether_they_say_their_length_or_not(site: Site) -> None:
    def endless() -> Any:
        for _ in range(200):
            yield b"x" * 1024

    with site.client() as client:
        declared = client.post("/api/v1/watch", content=b"x" * 70_000)
        assert declared.status_code == 413
        assert_shape(declared, "too_large")
        chunked = client.post("/api/v1/watch", content=endless())
        assert chunked.status_code == 413
        assert_shape(chunked, "too_large")


def test_a_wrong_method_says_which_are_right(site: Site) -> None:
    with site.client() as client:
        response = client.delete("/api/v1/events")
        assert response.status_code == 405
        assert response.headers["allow"] == "GET"
        assert_shape(response, "wrong_method")


def test_the_gate_lets_the_servers_own_messages_through(site: Site) -> None:
    """Starting and stopping are no requests, and need no login."""
    sent: list[Any] = []
    inbox = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive() -> Any:
        return inbox.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    app = make_app(site.store, auth=locked())
    asyncio.run(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


PREFIXED = {"X-Forwarded", "x-forwarded-for", "x-forwarded-prefix", "X-Original-Forwarded-For"}


@pytest.mark.parametrize("header", sorted(FORWARDED | PREFIXED))
def test_where_nobody_logs_in_nobody_comes_through_a_proxy(site: Site, header: str) -> None:
    with site.client() as client:
        for path in ("/", "/api/v1/events", "/healthz", "/metrics"):
            response = client.get(path, headers={header.title(): "203.0.113.7"})
            assert response.status_code == 403, path
            assert "proxy" in response.text


def test_a_proxy_that_adds_no_header_is_known_by_its_version(site: Site) -> None:
    """As nginx does with `proxy_pass` alone: our own name as the host, HTTP/1.0, and no more."""
    for version, status in ((b"1.0", b"403"), (b"1.1", b"200")):
        with socket.create_connection(("127.0.0.1", site.port), 5) as connection:
            head = b"GET /api/v1/events HTTP/%s\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            connection.sendall(head % version)
            assert connection.recv(20).startswith(b"HTTP/1.1 " + status)


def test_where_people_log_in_a_proxy_may_forward(
    locked_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with locked_site.client(VIEWER_TOKEN) as client:
        headers = {"X-Forwarded-For": "203.0.113.7", "Via": "1.1 proxy"}
        for _ in range(3):
            assert client.get("/api/v1/events", headers=headers).status_code == 200
    assert caplog.text.count("`server.proxies` does not name") == 1
    assert "203.0.113.7" not in caplog.text


def test_a_proxy_that_was_named_is_nothing_to_tell(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    exposure = make_exposure(ServerConfig(proxies=("127.0.0.1",)))
    with serving(tmp_path, locked(), exposure=exposure) as site, site.client() as client:
        client.get("/login", headers={"X-Forwarded-For": "203.0.113.7"})
    assert "server.proxies" not in caplog.text


def test_a_request_of_two_lengths_is_refused(locked_site: Site) -> None:
    both = (
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", locked_site.port), 5) as connection:
        connection.sendall(both)
        assert connection.recv(20).startswith(b"HTTP/1.1 400")


NASTY = ["", "\0", "a\nb", "x" * 5000, "1e400", "NaN", "-1", "0.1,0.2", "..", "=1+1", "<b>"]
NASTY += ["é\u202e", "rtsp://[::1", "http://a\r\nb/", "%00", "\ud7ff\U0001f697", "1" * 400]
NASTY += ["0.5,0.5,2,2,nan,inf"]


@pytest.mark.parametrize("nasty", NASTY, ids=ascii)
def test_no_form_breaks_on_what_is_typed(site: Site, nasty: str) -> None:
    """Every form there is, with the same in all fields that any form has."""
    forms = (Path(rendering.__file__).parent / "templates").glob("*.html")
    fields = {name for form in forms for name in re.findall(r'name="(\w+)"', form.read_text())}
    assert {"zone_points", "line_inwards", "camera_name", "plate", "password"} < fields
    site.app.state.services.camera_editor.add("gate", {"url": "rtsp://10.0.0.1/x"})
    with site.client() as client:
        token = form_token(client.get("/watch").text)
        for method, path in routes(site):
            if method != "POST" or path.startswith("/api/") or path == "/cameras/gate/remove":
                continue
            for few in (fields, {"zone_name", "zone_points"}, {"line_name", "line_points"}):
                typed = dict.fromkeys(few, nasty) | {"form_token": token, "role": "viewer"}
                typed |= {"transport": "tcp", "do": "save"}
                response = client.post(path, data=typed, files={"file": nasty.encode()})
                assert response.status_code < 500, (path, response.text)
                assert "<b>" not in response.text
        for path in ("/", "/cameras", "/watch", "/users", "/cameras/gate/settings"):
            assert client.get(path).status_code in (200, 303), "what was kept shows"


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "[", "null", "http://]/", "\x7f"])
def test_no_origin_is_too_malformed_to_be_refused(site: Site, origin: str) -> None:
    with site.client() as client:
        response = client.post("/watch", headers={"Origin": origin})
        assert response.status_code == 403
