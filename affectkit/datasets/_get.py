"""Fetching what may be fetched: into a folder beside its place, read by its door, then moved there whole."""

import importlib
import os
import shutil
from pathlib import Path

from ._errors import DatasetError
from ._files import Tree

#: The latest state of the repository as a zip. Its bytes may change with every commit, so there is no hash to
#: know beforehand: that of the first fetch is noted beside the file, and a later fetch is held against it.
STRESS_PREDICT = "https://github.com/italha-d/Stress-Predict-Dataset/archive/HEAD.zip"
FER2013 = "msambare/fer2013"  # on Kaggle, in class folders


def fetch(card, folder, read):
    """Fetch a set into the data folder.

    Parameters
    ----------
    card : Card
    folder : Path
        The data folder; made where it is missing.
    read : callable
        Path -> None; raises DatasetError unless the set at this path is good.

    Returns
    -------
    Path
        Where the set now lies.

    Raises
    ------
    DatasetError
        The set may not be fetched, its place is taken, the network or the disk fails, or what came is not
        good: nothing but an unfinished download stays behind.
    """
    targets = {"stress-predict": "stress-predict.zip", "fer2013": "fer2013"}
    if card.name not in targets:
        raise DatasetError(
            f"{card.name} is not fetched for you (licence: {card.licence}). Get it yourself: "
            f"{card.access}; {card.url}. Put it in {folder} as {card.place}"
        )
    target, work = folder / targets[card.name], folder / f".get-{card.name}"
    note = target.with_name(f"{target.name}.sha256")
    if os.path.lexists(target):
        raise DatasetError(
            f"{target} is there already, and is never overwritten: take it away to fetch it anew"
        )
    try:
        work.mkdir(parents=True, exist_ok=True)
        if card.name == "fer2013":
            ready, seen = _from_kaggle(work, card), None
        else:
            ready, seen = _from_url(STRESS_PREDICT, work, target.name, note)
        try:
            read(ready)
            with Tree(ready) as tree:  # all of it, for a zip's checksums: two halves may not fit together
                for name in tree.names:
                    tree.read(name)
        except DatasetError as error:
            raise DatasetError(
                f"what was fetched is not as published, so it was thrown away: {error}"
            ) from error
        if os.path.lexists(target):  # someone else was faster
            raise DatasetError(f"{target} appeared meanwhile, and is never overwritten")
        os.rename(ready, target)
        if seen:
            note.write_text(seen, encoding="ascii")
        shutil.rmtree(work)
    except OSError as error:
        raise DatasetError(
            f"{target} cannot be written ({error}): free some space, or name another --root"
        ) from error
    finally:
        if work.is_dir():  # only what a next try goes on from is kept
            for path in work.iterdir():
                if path.suffix != ".part":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            if not any(work.iterdir()):
                work.rmdir()
    return target


def _from_url(url, work, name, note):
    """Download, checked against the hash that was noted, if any: the file, and what to note."""
    import pooch

    known = note.read_text(encoding="ascii", errors="replace").split()[:1] if note.is_file() else []
    pooch.get_logger().setLevel("WARNING")  # it would advise to write the hash into the code
    download = _resuming(work / f"{name}.part")
    try:
        path = pooch.retrieve(url, f"sha256:{known[0]}" if known else None, name, work, downloader=download)
    except DatasetError:
        raise
    except ValueError as error:  # pooch's, of another hash
        raise DatasetError(
            f"{url} has other content than at the first fetch, noted in {note}: take that file away if you "
            "trust the new content"
        ) from error
    return Path(path), f"{pooch.file_hash(path)}  {name}\n"  # as sha256sum writes and checks it


def _resuming(part):
    """A downloader for pooch that goes on where an earlier one broke off."""

    def download(url, output_file, _):
        import requests
        from tqdm.auto import tqdm

        have = part.stat().st_size if part.is_file() else 0
        try:
            headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
            with requests.get(url, stream=True, timeout=30, headers=headers) as answer:
                if have and answer.status_code == 416:  # it has become shorter than what is here
                    part.unlink()
                    return download(url, output_file, _)
                answer.raise_for_status()
                have = have if answer.status_code == 206 else 0  # not every server can start in the middle
                length = int(answer.headers.get("content-length", 0))
                with (
                    open(part, "ab" if have else "wb") as file,
                    tqdm(
                        total=have + length or None,
                        initial=have,
                        unit="B",
                        unit_scale=True,
                        desc=part.stem,
                    ) as bar,
                ):
                    for block in answer.iter_content(1 << 16):
                        file.write(block)
                        bar.update(len(block))
        except requests.HTTPError as error:
            raise DatasetError(
                f"{url} answers {error.response.status_code} ({error.response.reason})"
            ) from error
        except requests.RequestException as error:
            if part.is_file() and part.stat().st_size > have:
                raise DatasetError(
                    f"{url} broke off after {part.stat().st_size:,} bytes: run the same command again, it "
                    "goes on there"
                ) from error
            raise DatasetError(f"{url} cannot be reached: are you offline? Nothing was fetched") from error
        os.replace(part, output_file)

    return download


def _from_kaggle(work, card):
    """kagglehub's own copy, copied: it keeps its downloads where all its users find them."""
    try:
        kagglehub = importlib.import_module("kagglehub")  # not among the kit's own packages
    except ImportError as error:
        raise DatasetError(
            "fer2013 is fetched through kagglehub, which is not installed: `pip install kagglehub` and try "
            f"again, or get it by hand: {card.access}; {card.url}"
        ) from error
    try:
        there = kagglehub.dataset_download(FER2013)
    except Exception as error:  # no network, no account, rules not accepted: kagglehub has many errors
        raise DatasetError(
            f"kagglehub could not fetch {FER2013} ({type(error).__name__}: "
            f"{' '.join(str(error).split())[:150]}): "
            f"are you online and logged in? Or get it by hand: {card.url}"
        ) from error
    return Path(shutil.copytree(there, work / "fer2013"))
