"""From the configuration's `server` to who may log in, and to where the page can be reached."""

from platestream.core.errors import ConfigError
from platestream.service.config import ServerConfig
from platestream.service.web.auth import Auth, Token, User
from platestream.service.web.passwords import hash_password, is_password_hash, is_right
from platestream.service.web.reachability import LOCAL_HOSTS, Exposure, is_local
from platestream.service.web.server import Listening
from platestream.service.web.sessions import Sessions


def make_auth(server: ServerConfig, sessions: Sessions | None = None) -> Auth:
    """Users and tokens that may log in; passwords in clear are hashed at once.

    Args:
        server: Has them.
        sessions: Who is logged in; those of a user whose password is still the same go on.

    Raises:
        ConfigError: a password or token is too short.
    """
    users = []
    for name, user in server.users.items():
        before = sessions.password_hashes(name) if sessions else []
        try:
            hashed = _hashed(user.password.get_secret_value(), before)
        except ConfigError as error:
            msg = f"server.users.{name}.password: {error}"
            raise ConfigError(msg) from error
        users.append(User(name, hashed, user.role))
    tokens = [
        Token(name, token.token.get_secret_value(), token.role)
        for name, token in server.tokens.items()
    ]
    return Auth(users, tokens, sessions=sessions)


def _hashed(password: str, before: list[str]) -> str:
    """The hash of a password: one of before if it is of the same, else a new one."""
    if is_password_hash(password):
        return password
    return next((h for h in before if is_right(password, h)), None) or hash_password(password)


def make_exposure(server: ServerConfig) -> Exposure:
    """Host names the server answers to: this machine's own, and those configured."""
    names = frozenset(name.lower() for name in server.hosts)
    is_open = not names and not is_local(server.host)
    return Exposure(
        hosts=None if is_open else LOCAL_HOSTS | names,
        https=server.https or server.tls_cert is not None,
        max_upload_bytes=round(server.max_upload_mb * 1_000_000),
        knows_proxies=bool(server.proxies),
    )


def make_listening(server: ServerConfig) -> Listening:
    """Where to listen."""
    return Listening(server.host, server.port, server.tls_cert, server.tls_key, server.proxies)
