"""JupyterLab in a real browser: apps are used by keyboard, and what a learner would see is what counts.

A test fails when the page asks anything of another machine, and when the browser's console shows an error.
Pictures of the pages are left in reports/browser/.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from affectkit import _notebooks

from . import chromium

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "reports" / "browser"
PATIENCE = 90_000  # milliseconds for a kernel on a busy machine to start and draw; nobody waits for longer
WIDTHS = 800, 1280  # of the window
OUTSIDE = re.compile(r"^(https?|wss?)://(?!127\.0\.0\.1[:/])")
# Voila's page asks for an icon font from elsewhere, and ours forbids it: nothing was asked.
FORBIDDEN = re.compile(r"Loading the stylesheet .* violates the following Content Security Policy")
MEDIANS = {}  # app -> milliseconds from key to picture, for the last lines of the report

# Counts the app's pictures, once they have been decoded, and how long after a key went down each came.
WATCH = """image => {
    const seen = window.seen = {pictures: 0, times: []};
    document.addEventListener('keydown', () => { seen.press = performance.now() }, true);
    new MutationObserver(async () => {
        const press = seen.press;
        await image.decode().catch(() => {});
        seen.times.push(performance.now() - press);
        seen.pictures += 1;
    }).observe(image, {attributes: true, attributeFilter: ['src']});
}"""
READY = "Python 3 (ipykernel) | Idle"  # in the status bar, once the kernel is there
CUT = """box => [...box.querySelectorAll('.widget-label')].map(
    label => label.scrollWidth > label.clientWidth && label.textContent).filter(Boolean)"""
BYTES = "async image => Array.from(new Uint8Array(await (await fetch(image.src)).arrayBuffer()))"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter):
    for name, times in MEDIANS.items():
        typical = statistics.median(times)
        terminalreporter.write_line(f"{name}: key to picture {typical:.0f} ms, median of {len(times)}")


def y4m(frames, fps):
    """Frames as a film that chromium's fake camera plays (YUV4MPEG2, 4:2:0).

    Parameters
    ----------
    frames : uint8 array, shape (n, height, width, 3)
        Height and width are even.
    fps : int
        Frames a second.

    Returns
    -------
    bytes
    """
    _, height, width, _ = frames.shape
    parts = [f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode()]
    for frame in frames:
        light, *colours = Image.fromarray(frame).convert("YCbCr").split()
        planes = [light, *(plane.reduce(2) for plane in colours)]
        parts += [b"FRAME\n", *(plane.tobytes() for plane in planes)]
    return b"".join(parts)


@pytest.fixture(scope="session")
def video(tmp_path_factory):
    """The file that the fake camera plays, again and again; `camera` writes it."""
    return tmp_path_factory.mktemp("camera") / "film.y4m"


@pytest.fixture
def camera(video):
    """Give the fake camera a film: ``camera(frames, fps)``, as `y4m` takes them."""
    return lambda frames, fps: video.write_bytes(y4m(frames, fps))


@pytest.fixture(scope="session")
def browser(video):
    from playwright.sync_api import sync_playwright

    program = chromium.find()
    if program is None:
        pytest.skip("no chromium, so NOTHING WAS TESTED IN A BROWSER: tests/browser/install.sh says why")
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
              f"--use-file-for-fake-video-capture={video}"]
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=["--disable-gpu", *camera])
        yield started
        started.close()


@contextlib.contextmanager
def watched(browser):
    """A page that may reach this machine alone, and on whose console nothing may go wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    asked, wrong = [], []
    context.route(OUTSIDE, lambda route: (asked.append(route.request.url), route.abort()))
    context.route_web_socket(OUTSIDE, lambda socket: (asked.append(socket.url), socket.close()))
    page = context.new_page()
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        yield page
        assert not asked, f"other machines were asked: {asked}"
        wrong = [text for text in wrong if not FORBIDDEN.match(text)]
        assert not wrong, "the console shows:\n" + "\n".join(wrong)
    finally:
        context.close()


@pytest.fixture
def page(browser, request):
    with watched(browser) as page:
        yield page
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"end-of-{request.node.name}.png")


# ------------------------------------------------------------------------------------------------- JupyterLab


class Server:
    """A running JupyterLab: its folder of notebooks, its address and its token."""

    def __init__(self, folder, url, token):
        self.folder, self.url, self.token = folder, url, token

    def address(self, name, *, alone=True):
        """The address of a notebook, `alone` or with JupyterLab's menus and side bars."""
        return f"{self.url}{'doc' if alone else 'lab'}/tree/{name}?token={self.token}"

    def end_kernels(self, context):
        """A kernel holds a few hundred MB: no test leaves one to the next."""
        header = {"Authorization": f"token {self.token}"}
        for session in context.request.get(f"{self.url}api/sessions", headers=header).json():
            context.request.delete(f"{self.url}api/sessions/{session['id']}", headers=header)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """JupyterLab on a free port of 127.0.0.1, with settings, kernels' data and notebooks of its own."""
    home = tmp_path_factory.mktemp("lab")
    folders = {name: home / name.lower() for name in (
        "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR", "notebooks", "data")}
    for folder in folders.values():
        folder.mkdir()
    notebooks, data, token = folders.pop("notebooks"), folders.pop("data"), secrets.token_hex(16)
    news = folders["JUPYTERLAB_SETTINGS_DIR"] / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    environment = _notebooks.kernel_environment(
        AFFECTKIT_SOURCE="twin", AFFECTKIT_DATA=data, JUPYTER_TOKEN=token, OMP_NUM_THREADS="1", **folders)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
               "--ServerApp.port=0", f"--ServerApp.root_dir={notebooks}",
               "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with open(home / "log", "w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = _until_it_serves(process, folders["JUPYTER_RUNTIME_DIR"], home / "log")
        yield Server(notebooks, url, token)
    finally:
        process.terminate()
        process.wait(30)


def _until_it_serves(process, runtime, log):
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end and process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):  # Jupyter writes it once it listens, at once and whole
            try:
                return json.loads(path.read_text())["url"]
            except ValueError:
                pass  # half written: look again
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab does not start:\n{log.read_text()[-3000:]}")


# ------------------------------------------------------------------------------------------------------- apps


class AppPage:
    """An app in a browser, as a learner has it: one looks at it, and moves its controls by keyboard."""

    def __init__(self, page, output, status_bar=True):
        self.page, self.output, self.status_bar = page, output, status_bar
        self.picture = output.locator("img.widget-image")

    def wait(self):
        """Until its first picture is there."""
        self.picture.wait_for()
        self.picture.evaluate("image => image.decode()")
        self.picture.evaluate(WATCH)
        return self

    def digest(self):
        """A digest of the picture's bytes."""
        return hashlib.sha256(bytes(self.picture.evaluate(BYTES))).hexdigest()

    def press(self, key, times=1):
        """Press a key, each time until another picture is there; returns milliseconds for each."""
        for _ in range(times):
            # ipywidgets forget a key that is pressed while the answer to the last one is still under way.
            if self.status_bar:
                self.page.get_by_text(READY).wait_for()
            before = self.page.evaluate("seen.pictures")
            self.page.keyboard.press(key)
            self.page.wait_for_function("before => seen.pictures > before", arg=before)
        return self.page.evaluate("n => seen.times.slice(-n)", times)

    def slider(self, label):
        """The handle of the slider that is labelled so; it has the keyboard's focus then."""
        named = self.page.get_by_text(label, exact=True)
        handle = self.output.locator(".widget-slider:visible").filter(has=named).locator(".noUi-handle")
        handle.focus()
        return handle

    def button(self, label):
        """The button that is labelled so."""
        return self.output.get_by_role("button", name=label, exact=True)

    def screenshots(self, name):
        """Keep the app as it looks in a narrow and in a wide window, and see that nothing of it is cut."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 1300})  # all of the app in one picture
            self.output.scroll_into_view_if_needed()
            self.page.screenshot(path=PICTURES / f"{name}-{width}.png")
            cut = self.output.evaluate("box => box.scrollWidth - box.clientWidth")
            assert cut <= 1, f"{cut} pixels of {name} are cut in a window {width} wide"
            assert not self.output.evaluate(CUT)  # labels of controls

    def assert_sound(self):
        """Nothing that a learner sees says that something went wrong."""
        assert self.picture.is_visible()
        assert "went wrong" not in self.output.inner_text()
        assert not self.page.locator("[data-mime-type='application/vnd.jupyter.error']").count()


@pytest.fixture
def open_page(page, tmp_path):
    """Serve an app as a page of its own, as `affectkit lab --app` does, open it, and wait for its picture."""
    with contextlib.ExitStack() as stack:
        def do(name):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            log = stack.enter_context(open(tmp_path / "log", "w+"))
            command = [sys.executable, "-m", "affectkit.cli", "lab", "--app", name, "--no-browser",
                       f"--port={port}"]
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
            stack.callback(process.wait, 30)
            stack.callback(os.killpg, process.pid, signal.SIGTERM)
            stack.callback(page.goto, "about:blank")  # a page complains if it is left without its kernel
            end = time.monotonic() + PATIENCE / 1000
            while time.monotonic() < end and process.poll() is None:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    page.goto(f"http://127.0.0.1:{port}/")
                    return AppPage(page, page.locator("body"), status_bar=False).wait()
                time.sleep(0.1)
            log.seek(0)
            raise AssertionError(f"the page is not served:\n{log.read()[-3000:]}")

        yield do


def run_cell(page, cell):
    """Run a cell by keyboard, and wait for its app."""
    from playwright.sync_api import TimeoutError

    ran = cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]"))
    while not ran.count():
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        with contextlib.suppress(TimeoutError):  # a notebook that still settles takes the focus away
            ran.wait_for(timeout=2000)
    return AppPage(page, cell.locator(".jp-OutputArea").first).wait()


@pytest.fixture
def open_app(page, server):
    """Open a notebook with one cell, run it and wait for its app."""
    def do(code):
        cell = nbformat.v4.new_code_cell(code)
        notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": _notebooks.KERNEL})
        name = f"app-{hashlib.sha256(code.encode()).hexdigest()[:8]}.ipynb"
        nbformat.write(notebook, server.folder / name)
        page.goto(server.address(name))
        page.get_by_text(READY).wait_for()
        return run_cell(page, page.locator(".jp-CodeCell"))

    yield do
    server.end_kernels(page.context)


@pytest.fixture
def open_lesson(page, server):
    """Open a lesson, run it up to the first cell that has `text`, and wait for its app."""
    def do(number, text):
        source, = _notebooks.lessons(ROOT, [number])
        name = f"{source.stem}.ipynb"
        nbformat.write(_notebooks.render(source, ROOT, badges=False), server.folder / name)
        page.goto(server.address(name, alone=False))
        cell = page.locator(".jp-CodeCell").filter(has=page.locator(".cm-content", has_text=text))
        page.get_by_text(READY).wait_for()
        cell.locator(".cm-content").click()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Above Selected Cell").click()
        return run_cell(page, cell)

    yield do
    server.end_kernels(page.context)
