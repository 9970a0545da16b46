"""Where a chromium lies that playwright can drive; `python tests/browser/chromium.py` prints it."""

import shutil
import sys
from pathlib import Path

NAMES = "chromium", "chromium-browser", "google-chrome"


def find():
    """The browser's program: one on the path, else playwright's own build; None where there is neither."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        with sync_playwright() as driver:
            found = driver.chromium.executable_path
    return found if Path(found).is_file() else None


if __name__ == "__main__":
    sys.exit("no chromium was found") if find() is None else print(find())
