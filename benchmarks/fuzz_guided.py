"""Lets atheris look for files that no reader of ours takes well: it changes what leads to code not yet reached.

It is no dependency of the project. In an environment of its own that has the project too:
    pip install atheris && python -m benchmarks.fuzz_guided pack -max_total_time=600 FOLDER
The folder has files to begin with, such as data/transcripts; it ends at the first one that ends in no sentence.
"""

import sys
import time

import atheris

with atheris.instrument_imports(include=["bot.domain"]):
    from benchmarks import fuzz
from bot.errors import FiresideError

TARGETS = {"transcript": fuzz.try_transcript, "interview": fuzz.try_interview, "pack": fuzz.try_pack}


def main() -> None:
    """Hand what atheris makes to the target that the first argument names."""
    run = TARGETS[sys.argv.pop(1)]

    def hand_in(content: bytes) -> None:
        began = time.process_time()
        try:
            run(content)
        except FiresideError:
            return
        assert time.process_time() - began < fuzz.LONGEST_SECONDS

    atheris.Setup(sys.argv, hand_in)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
