"""What the offline sides of pictures and signals share: copies of samples, changed batch by batch."""

import numpy as np

from affectkit import learn


def changed_copies(X, change, copies, random_state, batch_size):
    """Give `copies` changed copies of each sample, those of the first one first.

    ``change`` takes an array of samples and gives one of the same shape and type; it draws from torch's
    global generator, which is seeded here and is afterwards as it was.
    """
    if copies != int(copies) or copies < 1:
        raise ValueError(f"copies={copies!r} must be a whole number from 1 on.")
    new = np.empty((len(X) * int(copies), *X.shape[1:]), X.dtype)
    with learn.own_randomness(int(np.random.SeedSequence(random_state).generate_state(1)[0]), "cpu"):
        for start in range(0, len(new), batch_size):
            rows = np.arange(start, min(start + batch_size, len(new))) // int(copies)
            new[start:start + len(rows)] = change(X[rows])
    return new
