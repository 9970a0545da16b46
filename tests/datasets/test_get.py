"""Fetching: whole or not at all, from a server on this machine; nothing that is there is ever overwritten."""

import hashlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from affectkit import cli, datasets
from affectkit.datasets import DatasetError, _get


@pytest.fixture
def server(monkeypatch):
    """Serves `content` as the zip of stress-predict; can break off, refuse ranges, or answer by an error."""
    state = SimpleNamespace(content=b"", stop=None, ranges=True, status=None, asked=[])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range")
            state.asked.append(wanted)
            start = int(wanted[6:-1]) if wanted and state.ranges else 0
            if start > len(state.content):
                self.send_error(416)
                return
            if state.status:
                self.send_error(state.status)
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if state.stop is None else body[: state.stop])

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs=dict(poll_interval=0.01))
        thread.start()
        state.url = f"http://127.0.0.1:{served.server_port}/HEAD.zip"
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(_get, "STRESS_PREDICT", state.url)
        yield state
        served.shutdown()
        thread.join()


@pytest.fixture
def zipped(write, tmp_path):
    folder = write.stress(tmp_path / "source" / "Stress-Predict-Dataset-main")
    return write.zipped(tmp_path / "source.zip", folder.parent).read_bytes()


def left(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_fetched_read_and_put_in_its_place(server, zipped, tmp_path):
    server.content, root = zipped, tmp_path / "data"
    place = datasets.get("stress-predict", root)
    assert place == root / "stress-predict.zip" and place.read_bytes() == zipped
    assert left(root) == ["stress-predict.zip", "stress-predict.zip.sha256"]
    assert (root / "stress-predict.zip.sha256").read_text().split()[0] == hashlib.sha256(zipped).hexdigest()
    assert len(datasets.load("stress-predict", source="real", root=root).data)


def test_what_is_there_is_never_overwritten(server, zipped, tmp_path):
    server.content = zipped
    (tmp_path / "stress-predict.zip").write_bytes(b"mine")
    with pytest.raises(DatasetError, match=r"is there already: .*stress-predict\.zip.*never overwritten"):
        datasets.get("stress-predict", tmp_path)
    card = datasets.cards.get("stress-predict")
    with pytest.raises(DatasetError, match="is there already, and is never overwritten"):
        _get.fetch(card, tmp_path, None)

    def slow(path):  # another process puts it there while this one reads what it fetched
        (tmp_path / "other" / "stress-predict.zip").write_bytes(b"theirs")

    with pytest.raises(DatasetError, match="appeared meanwhile"):
        _get.fetch(card, tmp_path / "other", slow)
    assert (tmp_path / "stress-predict.zip").read_bytes() == b"mine" and server.asked == [None]
    assert left(tmp_path / "other") == ["stress-predict.zip"]


def test_a_broken_download_goes_on(server, zipped, tmp_path):
    server.content, server.stop, root = zipped, 70_000, tmp_path / "data"
    with pytest.raises(DatasetError, match="broke off after 65,536 bytes: run the same command again"):
        datasets.get("stress-predict", root)
    assert left(root) == [".get-stress-predict/stress-predict.zip.part"]
    with pytest.raises(DatasetError, match="broke off after 131,072 bytes"):
        datasets.get("stress-predict", root)
    server.stop = None
    assert datasets.get("stress-predict", root).read_bytes() == zipped
    assert server.asked == [None, "bytes=65536-", "bytes=131072-"] and len(left(root)) == 2


@pytest.mark.parametrize("ranges", [True, False])
def test_a_part_that_does_not_fit(server, zipped, tmp_path, ranges):
    """A server that starts anew, or whose file is now shorter than the part."""
    server.content, server.ranges, root = zipped, ranges, tmp_path / "data"
    part = root / ".get-stress-predict" / "stress-predict.zip.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * (len(zipped) + 9 if ranges else 100))
    assert datasets.get("stress-predict", root).read_bytes() == zipped


@pytest.mark.parametrize("status", [404, 503])
def test_an_answer_that_is_an_error(server, tmp_path, status):
    server.status = status
    with pytest.raises(DatasetError, match=f"HEAD.zip answers {status}"):
        datasets.get("stress-predict", tmp_path / "data")
    assert left(tmp_path / "data") == []


def test_offline_in_one_line(server, tmp_path, monkeypatch):
    monkeypatch.setattr(_get, "STRESS_PREDICT", "http://127.0.0.1:9/HEAD.zip")
    done = CliRunner().invoke(cli.main, ["data", "get", "stress-predict", "--root", str(tmp_path / "data")])
    assert done.exit_code == 1 and done.output.count("\n") == 1
    assert "cannot be reached: are you offline? Nothing was fetched" in done.output
    assert left(tmp_path / "data") == []


def test_other_content_than_the_first_time(server, zipped, tmp_path):
    server.content = zipped
    datasets.get("stress-predict", tmp_path).unlink()
    server.content = zipped + b"more"
    with pytest.raises(DatasetError, match=r"other content than at the first fetch.*zip\.sha256"):
        datasets.get("stress-predict", tmp_path)
    assert not (tmp_path / "stress-predict.zip").exists() and not (tmp_path / ".get-stress-predict").exists()
    server.content = zipped
    assert datasets.get("stress-predict", tmp_path).read_bytes() == zipped


def test_what_the_door_refuses_is_thrown_away(server, tmp_path):
    server.content, root = b"<html>not found</html>", tmp_path / "data"
    with pytest.raises(DatasetError, match="not as published, so it was thrown away: .*is not a whole zip"):
        datasets.get("stress-predict", root)
    assert left(root) == []


def test_two_halves_that_do_not_fit_are_thrown_away(server, zipped, tmp_path):
    at = zipped.index(b"BVP.csv") + 2000  # in a file that the door does not read at once
    server.content, root = zipped[:at] + b"other bytes" + zipped[at + 11 :], tmp_path / "data"
    with pytest.raises(DatasetError, match=r"thrown away: .*BVP\.csv cannot be unpacked"):
        datasets.get("stress-predict", root)
    assert left(root) == []


def test_a_place_that_cannot_be_written(server, zipped, tmp_path):
    server.content = zipped
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match="cannot be written|must be a folder"):
        datasets.get("stress-predict", tmp_path / "file" / "data")


@pytest.mark.parametrize("name", ["deap", "landscapes", "rafdb-basic"])
def test_what_is_not_for_anyone(name, tmp_path):
    card = datasets.cards.get(name)
    done = CliRunner().invoke(cli.main, ["data", "get", name, "--root", str(tmp_path / "data")])
    assert done.exit_code == 1 and card.url in done.output and card.access in done.output
    assert card.licence in done.output and not (tmp_path / "data").exists()


def test_an_unknown_name():
    assert "no data set 'fer2014'" in CliRunner().invoke(cli.main, ["data", "get", "fer2014"]).output


def test_the_command_says_where(server, zipped, tmp_path):
    server.content = zipped
    done = CliRunner().invoke(cli.main, ["data", "get", "stress-predict", "--root", str(tmp_path)])
    assert done.exit_code == 0 and str(tmp_path / "stress-predict.zip") in done.output


# ------------------------------------------------------------------------------------------------ kagglehub


def test_fer2013_through_kagglehub(write, tmp_path, monkeypatch):
    there = write.folders(tmp_path / "kaggle", write.faces(), suffix=".jpg")
    monkeypatch.setitem(sys.modules, "kagglehub", SimpleNamespace(dataset_download=lambda handle: str(there)))
    with pytest.warns(UserWarning, match="other counts"):
        place = datasets.get("fer2013", tmp_path / "data")
    assert place == tmp_path / "data" / "fer2013" and left(place) == left(there)
    with pytest.warns(UserWarning, match="other counts"):
        assert len(datasets.load("fer2013", source="real", root=tmp_path / "data", split="all").data) == 42


def test_fer2013_without_kagglehub_or_network(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(DatasetError, match="pip install kagglehub.*kaggle.com"):
        datasets.get("fer2013", tmp_path)

    def offline(handle):
        raise ConnectionError("no route\nto host")

    monkeypatch.setitem(sys.modules, "kagglehub", SimpleNamespace(dataset_download=offline))
    with pytest.raises(DatasetError, match=r"kagglehub could not fetch.*ConnectionError: no route to host\)"):
        datasets.get("fer2013", tmp_path)
    assert left(tmp_path) == []
