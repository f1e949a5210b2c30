"""What a user may configure: one YAML file, the environment over it.

``load_config`` is the only way in; everything else takes these models, which are frozen.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from platestream.core.boundary import told_as
from platestream.core.choices import unknown
from platestream.core.errors import ConfigError
from platestream.models.cards import DEFAULT_ARCH, DETECTOR_SIZE_PX
from platestream.models.devices import DEFAULT_DEVICE, check_device
from platestream.models.registry import ARCHITECTURES, DEFAULT_DETECTOR, check_detector
from platestream.service.camera_config import CameraConfig, Pattern, ReplaceRule
from platestream.service.explain import explain
from platestream.service.layers import read_layers
from platestream.service.model import Model, Name, checked_by
from platestream.service.sink_config import AnySinkConfig
from platestream.stream.confidence import MIN_CONFIDENCE
from platestream.stream.registry import DEFAULT_POLICY, FUSIONS, POLICIES
from platestream.video.decoders import DEFAULT_DECODER, check_decoder


class ReaderConfig(Model):
    """Which networks read, and when; as the options of `platestream run`.

    Attributes:
        models: Folder of weights; those of the package when omitted.
    """

    arch: Annotated[str, checked_by(ARCHITECTURES.choose)] = DEFAULT_ARCH
    policy: Annotated[str, checked_by(POLICIES.choose)] = DEFAULT_POLICY
    fusion: Annotated[str, checked_by(FUSIONS.choose)] | None = None
    reads_per_s: float | None = Field(default=None, ge=0.001, le=10_000)
    detector: Annotated[str, checked_by(check_detector)] = DEFAULT_DETECTOR
    detector_size: int = Field(default=DETECTOR_SIZE_PX, ge=64, le=8192)
    device: Annotated[str, checked_by(check_device)] = DEFAULT_DEVICE
    decoder: Annotated[str, checked_by(check_decoder)] = DEFAULT_DECODER
    models: Path | None = None


class StoreConfig(Model):
    """Where events are kept, for how long, and how much of them.

    Attributes:
        url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/DATABASE``.
        pictures: Folder of the pictures; when omitted ``pictures`` beside a SQLite file, and
            ``platestream/pictures`` with PostgreSQL.
        keep_days: Events older than this are removed; kept when omitted.
        max_gb: Above this the oldest pictures go.
        plates: ``keep`` their text, keep a keyed ``hash`` of it, or keep only those ``listed``
            on a watch list or in ``known_plates``.
        hash_key: Key of those hashes; who has it can look plates up, nobody else can.
        settings_key: Seals addresses and logins of cameras that are set on the page; a file beside
            the store is made for it when empty.
        frames: Whether whole frames are kept beside the crops.
    """

    url: SecretStr = SecretStr("sqlite:///platestream/events.db")
    pictures: Path | None = None
    keep_days: float | None = Field(default=None, gt=0, le=36_600)
    max_gb: float | None = Field(default=None, gt=0, le=1_000_000)
    plates: Literal["keep", "hash", "listed"] = "keep"
    hash_key: SecretStr = SecretStr("")
    settings_key: SecretStr = SecretStr("")
    frames: bool = True

    @model_validator(mode="after")
    def _has_key(self) -> "StoreConfig":
        if self.plates == "hash" and len(self.hash_key.get_secret_value()) < 16:
            msg = "plates: hash needs a hash_key of 16 characters or more; keep it secret"
            raise ValueError(msg)
        if 0 < len(self.settings_key.get_secret_value()) < 16:
            msg = "settings_key: is too short; give 16 characters or more, and keep it secret"
            raise ValueError(msg)
        return self


class UserConfig(Model):
    """Somebody who may log in.

    Attributes:
        password: In clear, better from ``${NAME}``, or as an argon2 hash (``$argon2id$...``).
        role: ``viewer`` sees; ``operator`` also corrects, and edits watch lists.
    """

    password: SecretStr
    role: Literal["viewer", "operator"] = "viewer"


class TokenConfig(Model):
    """A program that may use the API.

    Attributes:
        token: What it sends as ``Authorization: Bearer``.
        role: As a user's.
    """

    token: SecretStr
    role: Literal["viewer", "operator"] = "viewer"


class ServerConfig(Model):
    """The page and the API.

    Attributes:
        host: Where to listen; anything but this machine itself needs a user or a token.
        users: Who may log in, by name.
        tokens: Programs, by name.
        hosts: Further names it answers to, such as a proxy's; any where it listens to others.
        proxies: Addresses of proxies whose word on who asks is taken.
        https: Whether it is reached by HTTPS only (through a proxy); then cookies need it.
        tls_cert: A certificate's PEM file, for HTTPS without a proxy.
        tls_key: Its key.
        max_upload_mb: Largest upload.
        link_key: Signs the addresses of pictures that need no login, see `SinkConfig.links`; who
            has it can make such addresses, and a new one ends all that there are.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    users: dict[str, UserConfig] = Field(default_factory=dict)
    tokens: dict[str, TokenConfig] = Field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    https: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    max_upload_mb: float = Field(default=10.0, gt=0, le=1000)
    link_key: SecretStr = SecretStr("")


class ClusterConfig(Model):
    """A Ray cluster that the cameras of the network run on.

    Attributes:
        address: ``HOST:PORT`` of its head node; ``local`` for processes of this machine.
    """

    address: str = Field(min_length=1)


class ServiceConfig(Model):
    """Everything.

    Attributes:
        cameras: By name: letters, digits, ``_`` and ``-``, as it stands in files and topics; no
            two that differ in capitals only, since Home Assistant and the environment know none.
        known_plates: Name to its plates or regular expressions, as in Frigate.
        format: A regular expression; plates that are not written so make no event.
        match_distance: Characters that may differ from a known plate that is no expression.
        replace_rules: Applied in order to every plate before the above.
        min_confidence: Plates that are less sure make no event.
        reader: The networks.
        cluster: Machines that carry the cameras; all run on this one when omitted.
        store: The memory.
        sinks: Whom to tell, by name.
        server: The page.
        secrets_file: A YAML file of ``NAME: value``, for ``${NAME}`` anywhere in this one.
    """

    cameras: dict[Name, CameraConfig] = Field(default_factory=dict)
    known_plates: dict[str, list[Pattern]] = Field(default_factory=dict)
    format: Pattern | None = None
    match_distance: int = Field(default=1, ge=0, le=32)
    replace_rules: list[ReplaceRule] = Field(default_factory=list)
    min_confidence: float = Field(default=MIN_CONFIDENCE, ge=0, le=1)
    reader: ReaderConfig = ReaderConfig()
    cluster: ClusterConfig | None = None
    store: StoreConfig = StoreConfig()
    sinks: dict[Name, AnySinkConfig] = Field(default_factory=dict)
    server: ServerConfig = ServerConfig()
    secrets_file: Path | None = None

    @field_validator("cameras")
    @classmethod
    def _cameras_differ(cls, value: dict[str, CameraConfig]) -> dict[str, CameraConfig]:
        spelt: dict[str, str] = {}
        for name in value:
            other = spelt.setdefault(name.lower(), name)
            if other != name:
                msg = f"{other} and {name} differ in capitals only; rename one"
                raise ValueError(msg)
        return value

    def check_receivers(self) -> None:
        """See that there is what receivers name.

        Not a validator, as only the store knows the cameras of the page; see
        `CameraEditor.config`, which has them all.

        Raises:
            ConfigError: there is no such camera, zone or line; names the nearest.
        """
        zones = [zone for camera in self.cameras.values() for zone in camera.zones]
        lines = [line for camera in self.cameras.values() for line in camera.lines]
        for name, sink in self.sinks.items():
            line = sink.direction.rpartition(":")[0]
            _check_known(f"sinks.{name}.cameras", "camera", sink.cameras, self.cameras)
            _check_known(f"sinks.{name}.zones", "zone", sink.zones, zones)
            _check_known(f"sinks.{name}.direction", "line", (line,) if line else (), lines)

    @model_validator(mode="after")
    def _links_have_a_key(self) -> "ServiceConfig":
        asking = [name for name, sink in self.sinks.items() if sink.links]
        if asking and len(self.server.link_key.get_secret_value()) < 16:
            msg = (
                f"sinks.{asking[0]}.links: needs a server.link_key of 16 characters or more; "
                "keep it secret"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _wrong_opens_are_measured(self) -> "ServiceConfig":
        for name, sink in self.sinks.items():
            if sink.wrong_opens is not None and self.match_distance > 0:
                msg = (
                    f"sinks.{name}.wrong_opens: only plates that are exactly as known are so safe; "
                    "set match_distance: 0"
                )
                raise ValueError(msg)
        return self


def _check_known(key: str, what: str, names: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in names:
        if name not in known:
            there = unknown(what, name, known) if known else f"no {what} {name!r}"
            msg = f"{key}: {there}; or add it on the page first"
            raise ConfigError(msg)


def load_config(path: Path | None, env: Mapping[str, str]) -> ServiceConfig:
    """Read the configuration.

    Args:
        path: The YAML file; defaults and environment alone when None.
        env: ``PLATESTREAM__SECTION__KEY`` goes over the file's ``section: key``; other names
            may stand in the file as ``${NAME}``.

    Raises:
        ConfigError: names every key that is wrong, and never the value of a secret.
    """
    raw, said_by = read_layers(path, env), str(path or "environment")
    with told_as(ConfigError, said_by, "correct it", quotes=False):
        try:
            return ServiceConfig.model_validate(raw)
        except ValidationError as error:
            msg = f"{said_by}: {explain(error, ServiceConfig, raw)}"
            raise ConfigError(msg) from None
