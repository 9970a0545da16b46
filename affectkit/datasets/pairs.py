"""Real faces and pulses of the same people at the same moments: DEAP's face videos beside its trials."""

import re

import numpy as np
from sklearn.utils import Bunch

from ._errors import DatasetError
from ._files import Tree
from .pictures import read_picture

_FRAME = re.compile(r"(?:^|/)(s\d\d)/\1_trial(\d\d)/[^/]+\.(?:png|jpe?g|bmp)$", re.IGNORECASE)
_VIDEO = re.compile(r"(?:^|/)(s\d\d)/\1_trial(\d\d)\.avi$", re.IGNORECASE)


def face_trials(root=None, *, frames=10, signals=None, labels=None):
    """DEAP trial by trial: frames of the face and what the body did, one trial in memory at a time.

    Only s01 to s22 were filmed, and not in every trial. The kit decodes no video: it reads frames that were
    taken out into folders, face_video/s01/s01_trial01/*.png (or jpg, bmp), in the order of their names.

    Parameters
    ----------
    root : path, optional
        Where to look for DEAP; see ``data_root``.
    frames : int, default=10
        So many frames a trial, evenly spread: each from the middle of its share of the clip.
    signals, labels : optional
        As in ``load``.

    Yields
    ------
    Bunch
        faces uint8 (frames, h, w, 3), signals float32 (time, channels), sampling_rate, channel_names, target,
        target_names, group, trial (place in the order shown, which the videos are named after),
        experiment_id, and ratings (a Series).

    Raises
    ------
    DatasetError
        No frames, no participant_ratings.csv, or a file that is damaged.
    """
    from . import _found, load

    if frames < 1:
        raise ValueError(f"frames must be a whole number above zero, not {frames!r}")
    bunch = load("deap", source="real", root=root, signals=signals, labels=labels)
    path = _found("deap", root)
    with Tree(path) as tree:
        taken, videos = {}, []
        for name in tree.names:
            if match := _FRAME.search(name):
                taken.setdefault((match[1].lower(), int(match[2])), []).append(name)
            elif _VIDEO.search(name):
                videos.append(name)
        if not taken and videos:
            raise DatasetError(
                f"{tree.place(videos[0])}: the kit decodes no video. Take frames out of it, for example by "
                "`mkdir s01_trial01 && ffmpeg -i s01_trial01.avi -r 2 s01_trial01/%05d.png` in its folder"
            )
        if not taken:
            raise DatasetError(f"{path} holds no frames face_video/sNN/sNN_trialNN/*.png of faces")
        if bunch.ratings.trial.isna().any():
            raise DatasetError(
                f"{path}: the face videos follow Trial, the signals Experiment_id, and only "
                "participant_ratings.csv joins them: put it there, too"
            )
        for row, (group, trial) in enumerate(zip(bunch.groups, bunch.ratings.trial.astype(int), strict=True)):
            names = taken.get((group, trial))
            if not names:
                continue
            spread = ((np.arange(frames) + 0.5) * len(names) / frames).astype(int)
            pictures = [read_picture(tree.read(names[k]), tree.place(names[k])) for k in spread]
            if len({picture.shape for picture in pictures}) > 1:
                raise DatasetError(
                    f"{tree.place(names[0])}: frames of one trial differ in size; take them anew"
                )
            yield Bunch(
                faces=np.stack(pictures),
                signals=bunch.data[row],
                sampling_rate=bunch.sampling_rate,
                channel_names=bunch.channel_names,
                target=bunch.target[row],
                target_names=bunch.target_names,
                group=group,
                trial=trial,
                experiment_id=int(bunch.ratings.experiment_id[row]),
                ratings=bunch.ratings.iloc[row],
            )
