"""Pages from templates: everything escaped, and the few words and numbers that templates need."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from platestream.service.web.sessions import LIFETIME_S

COOKIE = "platestream"

STATIC = {
    name: files("platestream.service.web").joinpath("static", name).read_bytes()
    for name in ("page.css", "page.js", "view.js", "icon.svg")
}
"""The files a browser may ask for: these and no others, read once, so that no path is."""

_VERSION = hashlib.sha256(b"".join(STATIC.values())).hexdigest()[:12]


def render_page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Render a template for whoever asks; gives a browser without a cookie one for its forms."""
    new_cookie = None if request.cookies.get(COOKIE) else secrets.token_urlsafe(32)
    services = request.app.state.services
    html = _TEMPLATES.get_template(template).render(
        **context,
        identity=getattr(request.state, "identity", None),
        path=request.scope["path"],
        version=_VERSION,
        form_token=services.auth.form_token(new_cookie or request.cookies[COOKIE]),
    )
    response = HTMLResponse(html, status, headers)
    if new_cookie:
        give_cookie(request, response, new_cookie)
    return response


def give_cookie(request: Request, response: Response, value: str) -> None:
    """Set our one cookie: no script reads it, no other site's form sends it."""
    is_https = request.app.state.services.exposure.https or request.scope["scheme"] == "https"
    response.set_cookie(
        COOKIE, value, max_age=int(LIFETIME_S), secure=is_https, httponly=True, samesite="lax"
    )


def clock(at: datetime) -> str:
    """A time of day in the server's zone."""
    return at.astimezone().strftime("%H:%M:%S")


def day(at: datetime) -> str:
    """A day in the server's zone; its year only where it is another than this one."""
    here = at.astimezone()
    year = f" {here.year}" if here.year != datetime.now().astimezone().year else ""
    return f"{here:%a} {here.day} {here:%b}{year}"


def moment(at: datetime) -> str:
    """Date, time and offset from UTC, for what must be clear everywhere and for ever."""
    return at.astimezone().isoformat(" ", "milliseconds")


def since(at: datetime) -> str:
    """Since when something is there: the minute, with its day where that is not today."""
    here = at.astimezone()
    of_day = "" if here.date() == datetime.now().astimezone().date() else f"{day(at)}, "
    return f"{of_day}{here:%H:%M}"


def percent(share: float) -> str:
    """A share of 1; never rounded up to a certainty that nobody has."""
    return f"{min(int(share * 100 + 0.5), 100 if share == 1 else 99)} %"


def duration(seconds: float) -> str:
    """How long, in its two largest units."""
    minutes, hours, days = seconds / 60, seconds / 3600, seconds / 86400
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if hours < 1:
        return f"{int(minutes)} min"
    if days < 1:
        return f"{int(hours)} h {int(minutes) % 60} min"
    return f"{int(days)} d {int(hours) % 24} h"


def zone() -> str:
    """The server's time zone, as the page's times are in it."""
    return datetime.now().astimezone().tzname() or "UTC"


_TEMPLATES = Environment(
    loader=PackageLoader("platestream.service.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"clock": clock, "day": day, "percent": percent, "duration": duration}
_TEMPLATES.filters |= {"since": since, "moment": moment}
_TEMPLATES.globals |= {"zone": zone}
