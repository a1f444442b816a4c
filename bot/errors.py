"""The errors whose text may be shown to the person who caused them."""


class FiresideError(Exception):
    """An error whose message is one or two plain sentences: what is wrong, and what to do now.

    Attributes:
        exit_code: With what a command ends that fails because of it.
    """

    exit_code = 1


class InterviewFileError(FiresideError):
    """An interview file or a transcript that cannot be used; the message names the file and the place."""


class EvaluationFileError(FiresideError):
    """A file of questions to measure with that cannot be used; the message names the file and the place."""


class SettingsError(FiresideError):
    """Settings that cannot be used; the message names every variable that is wrong."""


class TokenRefusedError(SettingsError):
    """A token that Discord refuses: no new try will change that, so a supervisor of processes must not make one."""

    exit_code = 3

    def __init__(self) -> None:
        """Say what to do; the token itself is named nowhere."""
        super().__init__(
            "Discord refused the token. Copy it again from the developer portal (your application, Bot, Reset Token) "
            "into DISCORD_TOKEN in .env."
        )


class DatabaseError(FiresideError):
    """A database that cannot be opened, migrated or written."""


class DamagedDatabaseError(DatabaseError):
    """A file that is no database, or one of which SQLite can't read every page."""


class DatabaseAwayError(DatabaseError):
    """A database that can't be used now and may be later: its server can't be reached, or others hold it up."""


class ShardsTakenError(FiresideError):
    """Shards that another process has by now; to start again lets this one stand by."""

    def __init__(self, rivals: str) -> None:
        """Take what the other one does, as the beginning of a sentence."""
        super().__init__(f"{rivals}, which took over while the database was away. Start this one again to stand by.")


class NotFoundError(FiresideError):
    """Something that was there once (an interview, a turn, a question) and is not there now."""


class NotAllowedError(FiresideError):
    """A person tried what their permissions, or a limit of the server, do not let them do."""


class InvalidInputError(FiresideError):
    """Something that a person typed cannot be used as it is."""


class FormFailedError(Exception):
    """What somebody sent with a form could not be used, for the original reason; a view leads back to the form."""

    def __init__(self, original: Exception, view: object) -> None:
        """Take the reason, and the view, which only those know who know Discord."""
        super().__init__(str(original))
        self.original = original
        self.view = view


class UnansweredError(Exception):
    """Discord takes no answer to what somebody used any more, so that nobody can be told anything; it says why."""
