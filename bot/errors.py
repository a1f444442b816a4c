"""The errors whose text may be shown to the person who caused them."""


class FiresideError(Exception):
    """An error whose message is one or two plain sentences: what is wrong, and what to do now."""


class InterviewFileError(FiresideError):
    """An interview file or a transcript that cannot be used; the message names the file and the place."""


class EvaluationFileError(FiresideError):
    """A file of questions to measure with that cannot be used; the message names the file and the place."""


class SettingsError(FiresideError):
    """Settings that cannot be used; the message names every variable that is wrong."""


class DatabaseError(FiresideError):
    """A database that cannot be opened, migrated or written."""


class NotFoundError(FiresideError):
    """Something that was there once (an interview, a turn, a question) and is not there now."""


class NotAllowedError(FiresideError):
    """A person tried what their permissions, or a limit of the server, do not let them do."""


class InvalidInputError(FiresideError):
    """Something that a person typed cannot be used as it is."""
