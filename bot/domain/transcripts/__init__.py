"""A text as people have it, `Speaker: words` line after line, read as an interview.

Nobody's words are altered. What is not part of the interview, such as advertising, is left out and reported.
"""

from bot.domain.transcripts.lines import LeftOut
from bot.domain.transcripts.reader import Details, Transcript, read_transcript

__all__ = ["Details", "LeftOut", "Transcript", "read_transcript"]
