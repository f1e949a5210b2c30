"""What is found: folders with sub-folders, patterns, and addresses on real servers."""

import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import boto3
import pytest
from moto.server import ThreadedMotoServer

from platestream.cluster.archive import find
from platestream.cluster.fetching import fetched, shown
from platestream.cluster.reading import read_unit
from platestream.cluster.settings import ReadSettings, make_reader
from platestream.cluster.units import Unit
from platestream.core.errors import ConfigError, SourceNotFound

from .road import make_pipeline, photos

NAMES = ["north/1.mp4", "north/2.mp4", "south/day/1.mp4"]


def names(found: list[str], root: str) -> list[str]:
    return [source.removeprefix(root).lstrip("/") for source in found]


def found_at(given: str) -> list[str]:
    return [each.source for each in find(given, photos)]


def test_a_folder_with_its_sub_folders(films: Path) -> None:
    assert names(found_at(str(films)), str(films)) == NAMES


def test_patterns(films: Path) -> None:
    assert names(found_at(f"{films}/*/1.mp4"), str(films)) == ["north/1.mp4"]
    assert names(found_at(f"{films}/**/1.mp4"), str(films)) == ["north/1.mp4", "south/day/1.mp4"]
    assert names(found_at(f"{films}/*th"), str(films)) == NAMES
    with pytest.raises(SourceNotFound, match="nothing there"):
        find(f"{films}/*.avi", photos)


def test_a_picture_beside_a_film_hides_neither(tmp_path: Path) -> None:
    (tmp_path / "cam" / "day").mkdir(parents=True)
    for name in ("cam/a.mp4", "cam/b.jpg", "cam/day/c.mp4", "cam/day/d.jpg"):
        (tmp_path / name).write_bytes(b"x")
    assert names(found_at(str(tmp_path)), str(tmp_path)) == [
        "cam/a.mp4",
        "cam/b.jpg",
        "cam/day/c.mp4",
        "cam/day/d.jpg",
    ]


def test_a_link_that_leads_back_is_followed_once(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x.mp4").touch()
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path / "a")
    assert names(found_at(str(tmp_path)), str(tmp_path)) == ["a/b/x.mp4"]


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound):
        find(str(tmp_path / "gone.mp4"), photos)


def test_a_version_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(b"one")
    (before,) = find(str(path), photos)
    path.write_bytes(b"other")
    (after,) = find(str(path), photos)
    assert before.version != after.version
    os.utime(path, (1, 1))
    assert find(str(path), photos)[0].version != after.version


@pytest.fixture(scope="module")
def bucket(films: Path) -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        }.items():
            patch.setenv(name, value)
        client = boto3.client("s3")
        client.create_bucket(Bucket="archive")
        for name in NAMES:
            client.upload_file(str(films / name), "archive", f"films/{name}")
        client.put_object(Bucket="archive", Key="films/readme.txt", Body=b"-")
        yield "s3://archive/films"
    server.stop()


def test_a_bucket(films: Path, bucket: str) -> None:
    found = find(bucket, photos)
    assert names([each.source for each in found], bucket) == NAMES
    assert [each.num_bytes for each in found] == [(films / name).stat().st_size for name in NAMES]
    assert names(found_at(f"{bucket}/*/1.mp4"), bucket) == ["north/1.mp4"]
    (one,) = find(f"{bucket}/{NAMES[0]}", photos)
    assert one == found[0]
    unit = Unit(one.source, one.version)
    with fetched(unit) as copy:
        there = read_unit(unit, make_pipeline(), photos, path=copy)
    here = read_unit(Unit(str(films / NAMES[0]), ""), make_pipeline(), photos)
    assert [p.event and p.event.plate for p in there.passages] == [
        p.event and p.event.plate for p in here.passages
    ]
    assert {p.event.source for p in there.passages if p.event} == {one.source}
    assert copy
    assert not copy.exists()


def test_what_is_not_in_the_bucket_is_one_line(bucket: str) -> None:
    with pytest.raises(SourceNotFound, match="nothing is there"):
        find(f"{bucket}/gone.mp4", photos)
    with pytest.raises(SourceNotFound, match=r"cannot be listed|nothing is there"):
        find("s3://nobody-made-this-bucket/", photos)
    result = make_reader(ReadSettings())(Unit(f"{bucket}/gone.mp4", ""))
    assert "gone.mp4: there is no such file" in result.error
    assert not result.is_final


@pytest.fixture
def web(films: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(films)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_web_server(films: Path, web: str) -> None:
    url = f"{web}/{NAMES[0]}"
    (found,) = find(url, photos)
    assert (found.source, found.num_bytes) == (url, (films / NAMES[0]).stat().st_size)
    with fetched(Unit(found.source, found.version)) as copy:
        assert copy
        assert copy.read_bytes() == (films / NAMES[0]).read_bytes()
    with pytest.raises(SourceNotFound):
        find(f"{web}/gone.mp4", photos)


def test_an_address_that_nothing_opens_is_an_error() -> None:
    with pytest.raises(ConfigError, match="cannot be opened"):
        find("gopher://archive/films", photos)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("http://u:p@host:80/a/b.mp4?key=s", "http://host:80/a/b.mp4"),
        ("s3://bucket/a.mp4", "s3://bucket/a.mp4"),
        ("/films/a@b?.mp4", "/films/a@b?.mp4"),
    ],
)
def test_messages_show_no_secret_of_an_address(source: str, text: str) -> None:
    assert shown(source) == text
