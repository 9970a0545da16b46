"""The one error of the doors; a file of its own, so that every door can raise it."""


class DatasetError(ValueError):
    """A data set cannot be read: the message says what is wrong, in which file and place, and what to do."""
