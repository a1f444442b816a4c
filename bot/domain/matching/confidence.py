"""How sure a finding is: a probability worked out from several signals, and what to do with it."""

import math
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter


class Band(StrEnum):
    """What to do with a finding: show the answer, offer what comes near, or say that there is none."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Signals:
    """What says how sure the best match is; each is the higher the surer, and at most 1.

    Attributes:
        cover: The share of the question's telling words, the more telling the more, that the exchange speaks of; one
            that had to be mended, or stands there in another form, counts in part.
        weakest: How well that telling word is met in the eight nearest wordings which is met worst.
        near: How alike the question's wording is to the exchange's three nearest wordings.
        support: How much more alike its eight nearest wordings are, on average, than any other exchange's.
        lead: How far the first match's score is ahead of the second's, as a share of the highest score there is.
        agreement: How many of the two measures would have put it first by themselves.
        length: How many words the question has: two words are alike in no time.
        amount: 0 where the question asks how many or how much, and the nearest wordings ask for nothing of the kind.
        plain: How few aliases the exchange has, 1 for none: likeness to few wordings is worth more.
    """

    cover: float
    weakest: float
    near: float
    support: float
    lead: float
    agreement: float
    length: float
    amount: float
    plain: float


# A logistic regression, fitted by benchmarks/calibrate.py; the numbers stand in the order of the signals.
WEIGHTS = (0.5, 0.6, 5.4, 12.9, 0.3, 0.3, 3.6, 2.1, 1.7)
BIAS = -7.2
_in_order = attrgetter(*(signal.name for signal in fields(Signals)))

# Two that are so near to each other are one as good as the other: which comes first is chance.
TIE = 0.02

# From here on it is answered: of the questions about something else, in calibration, few get so far.
SURE = 0.62
# From here on the nearest are offered.
NEAR = 0.1


def confidence_of(signals: Signals) -> float:
    """Return how likely it is, from 0 to 1, that the best match answers the question."""
    total = BIAS + math.fsum(weight * signal for weight, signal in zip(WEIGHTS, _in_order(signals), strict=True))
    confidence = 1 / (1 + math.exp(-total))
    return min(confidence, 0.5) if signals.lead < TIE else confidence


def band_of(confidence: float) -> Band:
    """Return what to do with a finding that is so sure."""
    return Band.ANSWER if confidence >= SURE else Band.SUGGEST if confidence >= NEAR else Band.NONE
