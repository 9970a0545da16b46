"""``python -m affectkit.datasets``: make data/sample/, the twins that come with the kit, anew."""

from . import _sample

if __name__ == "__main__":
    _sample.make(_sample.folder())
    total = sum(path.stat().st_size for path in _sample.folder().iterdir())
    print(f"{_sample.folder()}: {total / 1e6:.2f} MB")
