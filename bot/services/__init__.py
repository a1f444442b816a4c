"""What happens when somebody asks, submits, posts or exports: one module a topic."""

from dataclasses import dataclass

from bot.services.answers import Answers
from bot.services.asking import Asking
from bot.services.backups import Backups
from bot.services.cards import Cards
from bot.services.commands import CommandRecord
from bot.services.deliveries import Deliveries
from bot.services.drafts import Drafts
from bot.services.exporting import Exports
from bot.services.favourites import Favourites
from bot.services.figures import Figures
from bot.services.gaps import Gaps
from bot.services.guilds import Guilds
from bot.services.imports import AnswerImports
from bot.services.interviews import Interviews
from bot.services.packs import Packs
from bot.services.presence import Presence
from bot.services.privacy import Privacy
from bot.services.publications import Publications
from bot.services.questions import Questions
from bot.services.quotes import Quotes
from bot.services.retention import Retention
from bot.services.reviewing import Reviewing
from bot.services.similar import Similar


@dataclass(frozen=True, slots=True)
class Services:
    """All services, as the composition root wires them."""

    interviews: Interviews
    answers: Answers
    quotes: Quotes
    cards: Cards
    favourites: Favourites
    questions: Questions
    similar: Similar
    asking: Asking
    reviewing: Reviewing
    publications: Publications
    exports: Exports
    packs: Packs
    imports: AnswerImports
    deliveries: Deliveries
    drafts: Drafts
    guilds: Guilds
    gaps: Gaps
    privacy: Privacy
    retention: Retention
    backups: Backups
    commands: CommandRecord
    figures: Figures
    presence: Presence
