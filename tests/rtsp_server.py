"""An RTSP server that plays clips in a loop, on GStreamer's. Runs under the system's own Python,
since that is where Debian puts the bindings; see `rtsp.py` for how to start it.

    rtsp_server.py PORT [--login USER:PASSWORD] NAME=FILE@FPS...

A FILE holds the access units of an H.264 stream, each after its length as four bytes.
"""

import argparse
import itertools
import sys
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

PIPELINE = (
    "( appsrc name=source format=time is-live=false block=true max-buffers=4 "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au "
    "! h264parse ! rtph264pay name=pay0 pt=96 )"
)


def access_units(path):
    data, at = path.read_bytes(), 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


class LoopFactory(GstRtspServer.RTSPMediaFactory):
    """Gives everybody who connects the same endless stream."""

    def __init__(self, path, fps):
        super().__init__()
        self._units, self._fps = list(access_units(path)), fps
        self.set_launch(PIPELINE)
        self.set_shared(True)

    def play(self, media):
        source = media.get_element().get_by_name("source")
        units = enumerate(itertools.cycle(self._units))
        source.connect("need-data", lambda *_: self._push(source, *next(units)))

    def _push(self, source, index, unit):
        buffer = Gst.Buffer.new_wrapped(unit)
        buffer.pts = buffer.dts = int(index * Gst.SECOND / self._fps)
        buffer.duration = int(Gst.SECOND / self._fps)
        source.emit("push-buffer", buffer)


def require_login(server, login):
    user, password = login.split(":", 1)
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port")
    parser.add_argument("--login")
    parser.add_argument("clips", nargs="+")
    args = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(args.port)
    mounts = server.get_mount_points()
    for clip in args.clips:
        name, _, where = clip.partition("=")
        file, _, fps = where.rpartition("@")
        factory = LoopFactory(Path(file), float(fps))
        factory.connect("media-configure", lambda factory, media: factory.play(media))
        if args.login:
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role("viewer", "media.factory.access", True)
            permissions.add_permission_for_role("viewer", "media.factory.construct", True)
            factory.set_permissions(permissions)
        mounts.add_factory(f"/{name}", factory)
    if args.login:
        require_login(server, args.login)
    if not server.attach(None):
        sys.exit(f"port {args.port} is taken")
    print("ready", flush=True)
    GLib.MainLoop().run()


main()
