"""What docs/ says of the shipped files is what the files hold, and the pages lead to one another."""

import re

import numpy as np
import pytest

import affectkit as ak
from affectkit.gans.shipped import TRAINED
from affectkit.judge import _features

PAGES = ("docs/ethics.md", "docs/model_card.md", "docs/data_card.md", "docs/templates/model_card.md",
         "docs/templates/data_card.md")  # fmt: skip


def rows(text):
    """The rows of a page's tables, by what stands in back quotes in their first cell."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    found = [[cell.strip() for cell in line] for line in lines]
    return {name: cells for cells in found for name in re.findall("`([^`]+)`", cells[0])}


@pytest.fixture
def model_rows(repository):
    return rows((repository / "docs" / "model_card.md").read_text("utf-8"))


def test_every_checkpoint_has_its_row(repository, model_rows):
    shipped = {path.stem for path in (repository / "data" / "checkpoints").glob("*.safetensors")}
    assert shipped == set(model_rows)


@pytest.mark.parametrize("name", TRAINED)
def test_parameters_and_samples_of_the_generators(name, model_rows, repository):
    from safetensors import safe_open

    gan = ak.gans.trained(name, device="cpu")
    counts = [f"{ak.nets.count_parameters(part):,}" for part in (gan.generator, gan.discriminator)]
    assert model_rows[name][3:5] == counts
    with safe_open(repository / "data" / "checkpoints" / f"{name}.safetensors", "pt") as file:
        n = int(re.search(r"trained on (\d+)", file.metadata()["note"])[1])
    assert model_rows[name][2].startswith(f"{n:,} ")


def test_minutes_of_the_generators(repository):
    from safetensors import safe_open

    seconds = []
    for name in TRAINED:
        with safe_open(repository / "data" / "checkpoints" / f"{name}.safetensors", "pt") as file:
            seconds.append(int(re.search(r" for (\d+) s", file.metadata()["note"])[1]))
    text = (repository / "docs" / "model_card.md").read_text("utf-8")
    assert f"{min(seconds) / 60:.0f} to {max(seconds) / 60:.0f} minutes" in text


def test_parameters_and_samples_of_the_judge(model_rows):
    net, stamp = _features.own()
    assert model_rows["judge-faces"][5] == f"{ak.nets.count_parameters(net):,}"
    assert model_rows["judge-faces"][2].startswith(f"{int(stamp['trained_on'].split()[0]):,} ")


def test_whom_the_judge_reads_how_well(load, repository):
    script = load("study", "model_card")
    stored = script.PLACE.search((repository / "docs" / "model_card.md").read_text("utf-8"))[0]
    share = r"\d\.\d\d"
    pages = stored, script.table()
    assert len({re.sub(share, "#", page) for page in pages}) == 1, "run `python docs/model_card.py`"
    values = [np.array(re.findall(share, page), float) for page in pages]
    assert np.abs(values[0] - values[1]).max() < 0.015  # processors round otherwise, a face or two


def test_counts_of_the_sample(repository):
    text = (repository / "docs" / "data_card.md").read_text("utf-8")
    found, folder = rows(text), repository / "data" / "sample"
    named = {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    assert named == set(found)
    with np.load(folder / "fer2013.npz") as faces, np.load(folder / "stress-predict.npz") as hearts:
        assert found["fer2013.npz"][2] == f"{len(faces['row']):,} faces"
        assert found["stress-predict.npz"][2] == f"{len(hearts['groups'])} simulated people"
    assert f"all {ak.cards.get('fer2013').n:,}" in text.replace("\n ", "")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page, repository):
    path = repository / page
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
        place = path.parent / target
        assert place.exists() or place.with_suffix(".py").exists(), target


def test_the_law_and_the_limits_are_one_click_away(repository):
    lessons = "notebooks/09_face_cnns.py", "notebooks/18_paper_scoreboard.py"
    for page in ("README.md", "data/README.md", *lessons):
        assert "docs/ethics.md" in (repository / page).read_text("utf-8"), page
    text = (repository / "docs" / "ethics.md").read_text("utf-8")
    assert "Article 5(1)(f)" in text and "2 February 2025" in text and "Barrett" in text
