"""The command line: `python -m bot --help`."""

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from bot import __version__, app
from bot.domain.backups import Contents
from bot.domain.checkups import Finding, Verdict
from bot.domain.evaluation import Evaluation, Score
from bot.domain.exports import ExportFormat, parse_since
from bot.domain.interviews import interview_schema
from bot.domain.matching import Band
from bot.domain.questions import QuestionFilter, QuestionState, Recipient
from bot.domain.text import counted, shorten
from bot.domain.transcripts import Details
from bot.errors import FiresideError, SettingsError
from bot.logs import start_logging
from bot.services.answers import Hit, Reply
from bot.services.evaluation import as_document, evaluate_interview, evaluate_items
from bot.services.files import read_answers_file, read_transcript_file, seal_file, write_file, write_interview_file
from bot.services.imports import Proposal, result_of, rows_of, summary_of
from bot.services.moving import MovedTable, Step
from bot.services.packs import PackWish
from bot.settings import load_settings

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Fireside turns an interview into a conversation on Discord.",
)
MINUTES_A_DAY = 1440
LISTED_LENGTH = 120
# What a laptop keeps up with: in each simulated minute the bot looks what is due.
MOST_DAYS_A_MINUTE = 3
# What a column holds; every id of Discord's is smaller.
LARGEST_ID = 2**63 - 1
log = logging.getLogger(__name__)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def main() -> None:
    """Run the command line; an error that a person can mend is one sentence and its exit code."""
    # Settings that can't be used are said by the commands that use them.
    with suppress(SettingsError):
        start_logging(load_settings(), "WARNING")
    try:
        cli()
    except FiresideError as error:
        err.print(f"fireside: {error}", markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except Exception:
        log.exception("Ended by an error that nobody expected")
        sys.exit(1)


def _run(work: Coroutine[Any, Any, Any], make_loop: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(work)


def _quick_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop that answers with the least of a processor, where this system has it."""
    try:
        import uvloop  # noqa: PLC0415
    except ModuleNotFoundError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


@cli.command()
def run(
    *,
    or_demo: Annotated[bool, typer.Option("--or-demo", help="Without a token, open the local demo.")] = False,
    browser: Annotated[bool, typer.Option(help="Open the demo's page in the browser.")] = True,
) -> None:
    """Bring the bot on line, with the DISCORD_TOKEN in the environment or .env."""
    settings = load_settings()
    if settings.discord_token is not None:
        start_logging(settings)
        _run(app.run_bot(settings, settings.discord_token), _quick_loop)
    elif or_demo:
        out.print(
            "There is no DISCORD_TOKEN in .env, so here is the local demo. docs/operators.md says how to get one."
        )
        _run(app.run_demo(settings.demo_port, _announce, open_browser=browser))
    else:
        raise FiresideError(
            "There is no DISCORD_TOKEN. Copy .env.example to .env and put the token there, or try: python -m bot demo"
        )


@cli.command()
def demo(
    *,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the page; DEMO_PORT if left out, 0 for a free one."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    days_a_minute: Annotated[
        float | None,
        typer.Option(help="Let so many days pass in a minute, at most 3; left out, time passes as it does."),
    ] = None,
) -> None:
    """Try everything in a simulated Discord on this machine; nothing is sent anywhere, nothing is kept."""
    if days_a_minute is not None and not 0 < days_a_minute <= MOST_DAYS_A_MINUTE:
        raise FiresideError(
            f"--days-a-minute {days_a_minute:g}: choose more than 0 and at most {MOST_DAYS_A_MINUTE}, such as 1."
        )
    speed = 1.0 if days_a_minute is None else days_a_minute * MINUTES_A_DAY
    chosen = load_settings().demo_port if port is None else port
    _run(app.run_demo(chosen, _announce, open_browser=browser, speed=speed))


def _announce(address: str) -> None:
    out.print(f"The demo is open at {address}\nCtrl-C ends it.", soft_wrap=True)


@cli.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="Interview files (JSON).", show_default=False)],
) -> None:
    """Load interview files into the database; all of them, or none if one can't be used."""

    async def work() -> None:
        columns = TextColumn("Loading"), BarColumn(), MofNCompleteColumn()
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task("", total=len(files))
            results = await app.load_files(load_settings().database_url, files, lambda: progress.advance(task))
        for title, outcome in results:
            out.print(f"{title}: {outcome}", markup=False)

    _run(work())


@cli.command("import-comments")
def import_comments(
    server: Annotated[
        int, typer.Option(help="Id of the Discord server whose inbox takes them.", min=1, max=LARGEST_ID)
    ],
    *,
    interview: Annotated[str | None, typer.Option(help="Key of the interview; all of them if left out.")] = None,
) -> None:
    """Take what readers asked in comments beneath the interview as questions to review, each once."""

    async def work() -> None:
        for taken in await app.import_comments(load_settings().database_url, server, interview):
            out.print(
                f"{taken.title}: {counted(taken.new, 'question')} taken, {taken.known} there already; "
                f"{counted(taken.others, 'comment')} passed over: they ask nothing, or too much.",
                markup=False,
                soft_wrap=True,
            )

    _run(work())


Server = Annotated[
    int | None,
    typer.Option(min=1, max=LARGEST_ID, help="Its Discord id; may be left out where there is but one."),
]
WantedBy = Annotated[int, typer.Option(min=1, max=1_000_000, help="Only what so many people or more want to know.")]
Target = Annotated[Path, typer.Option("--out", help="The file to write.")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


@cli.command()
def export(  # noqa: PLR0913 - one option for each thing that a choice of questions goes by
    output: Target,
    *,
    server: Server = None,
    form: Annotated[ExportFormat, typer.Option("--format")] = ExportFormat.CSV,
    state: Annotated[QuestionState | None, typer.Option(help="Only questions that have come so far.")] = None,
    since: Annotated[str | None, typer.Option(help="Only what was asked on that day (UTC) or later.")] = None,
    interview: Annotated[str | None, typer.Option(help="Only questions about the interview with that key.")] = None,
    wanted_by: WantedBy = 1,
    force: Force = False,
) -> None:
    """Write a server's questions into a file."""
    _check_free(output, force=force)
    from_day = parse_since(since) if since else None

    async def work() -> None:
        async with app.open_server(load_settings().database_url, server) as (services, guild_id):
            key = (await services.interviews.library()).interview(interview).id if interview else None
            states = frozenset({state}) if state else None
            wanted = QuestionFilter(states, key, from_day, wanted_by, merged=True)
            total = await services.exports.count(guild_id, wanted)
            if not total:
                raise FiresideError("No question is like that, so no file was written.")
            columns = TextColumn("Writing"), BarColumn(), MofNCompleteColumn()
            with Progress(*columns, console=err, transient=True) as progress:
                task = progress.add_task("", total=total)
                count = await services.exports.write(
                    guild_id, wanted, form, output, lambda done: progress.update(task, completed=done)
                )
        out.print(f"{output}: {counted(count, 'question')}.", markup=False, soft_wrap=True)

    _run(work())


@cli.command()
def pack(
    output: Target,
    *,
    server: Server = None,
    interview: Annotated[str | None, typer.Option(help="The key of the interview; the first if left out.")] = None,
    wanted_by: WantedBy = 1,
    to: Annotated[Recipient, typer.Option(help="Who shall answer.")] = Recipient.INTERVIEWEE,
    unreviewed: Annotated[
        bool, typer.Option("--unreviewed", help="Questions that nobody has reviewed yet, in place of approved ones.")
    ] = False,
    force: Force = False,
) -> None:
    """Write the questions that wait for the author into one file to be filled in."""
    _check_free(output, force=force)
    state = QuestionState.OPEN if unreviewed else QuestionState.APPROVED

    async def work() -> None:
        async with app.open_server(load_settings().database_url, server) as (services, guild_id):
            with err.status("Gathering the questions"):
                found = await services.packs.write(guild_id, PackWish(interview, wanted_by, state, to))
        write_file(output, found.content)
        of = f" of {found.of}, the most wanted" if found.of > found.count else ""
        out.print(f"{output}: {counted(found.count, 'question')}{of}.", markup=False, soft_wrap=True)

    _run(work())


def _check_free(path: Path, *, force: bool) -> None:
    try:
        if path.is_dir():
            raise FiresideError(f"{path} is a folder. Add the name of the file to write.")
        if path.exists() and not force:
            raise FiresideError(f"{path} is there already. Choose another name, or add --force to write over it.")
    except OSError as error:
        raise FiresideError(f"{path}: the file can't be written ({error.strerror}).") from None


@cli.command("import-answers")
def import_answers(
    file: Annotated[Path, typer.Argument(help="The pack as the author sent it back.", show_default=False)],
    *,
    server: Server = None,
    yes: Annotated[bool, typer.Option("--yes", help="Publish without asking.")] = False,
) -> None:
    """Publish the answers of a file; first it shows what it would change."""
    content = read_answers_file(file)

    async def propose() -> Proposal:
        async with app.open_server(load_settings().database_url, server) as (services, guild_id):
            return await services.imports.propose(guild_id, content)

    async def publish(seen: Proposal) -> None:
        async with app.open_server(load_settings().database_url, server) as (services, guild_id):
            proposal = await services.imports.propose(guild_id, content)
            if proposal.mark != seen.mark:
                raise FiresideError("Something has changed since. Nothing was published; look again.")
            applied = await services.imports.apply(guild_id, proposal)
        out.print(result_of(applied))

    proposal = asyncio.run(propose())
    out.print(_plan_table(proposal))
    out.print(summary_of(proposal.plan), markup=False, soft_wrap=True)
    # Whoever is asked may think about it for as long as they like: the database is closed meanwhile.
    if proposal.changes and (yes or typer.confirm(f"Publish {counted(proposal.changes, 'answer')}?")):
        _run(publish(proposal))
    else:
        out.print("Nothing was published.")


def _plan_table(proposal: Proposal) -> Table:
    table = Table()
    for name in ("line", "question"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("what")
    table.add_column("words")
    for line, number, what, text in rows_of(proposal.plan):
        table.add_row(str(line), number, Text(what), Text(shorten(text, LISTED_LENGTH)))
    return table


@cli.command()
def backup(
    *, to: Annotated[Path | None, typer.Option(help="The folder; BACKUP_DIR if left out.", show_default=False)] = None
) -> None:
    """Write a copy of the database, whether the bot runs or not."""

    async def work() -> None:
        with err.status("Copying the database"):
            written = await app.back_up(load_settings(), to)
        out.print(f"{written.path}: {decimal(written.size)}.", markup=False, soft_wrap=True)

    _run(work())


@cli.command()
def restore(
    copy: Annotated[Path, typer.Argument(help="A copy of the database.", show_default=False)],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Put it in place without asking.")] = False,
) -> None:
    """Put a copy in the place of the database; first it shows what is in both. The bot must not run."""
    with app.restoring(load_settings()) as backups:
        out.print(_contents_table(*backups.compare(copy)))
        if not (yes or typer.confirm(f"Put {copy} in the place of the database?")):
            out.print("Nothing was changed.")
            return
        aside = backups.restore(copy)
    kept = f" What was there is now {aside}." if aside else ""
    out.print(f"{copy} is in place.{kept}", markup=False, soft_wrap=True)


def _contents_table(copy: Contents, present: Contents | None) -> Table:
    table = Table("", "the copy", "now")
    for column in fields(Contents):
        values = ("-" if contents is None else _shown(getattr(contents, column.name)) for contents in (copy, present))
        table.add_row(column.name, *values)
    return table


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return "-" if value is None else str(value)


@cli.command()
def move(
    source: Annotated[str, typer.Option("--from", help="Address of the database, as in DATABASE_URL.")],
    target: Annotated[str, typer.Option("--to", help="Address of an empty one, of the same kind or another.")],
) -> None:
    """Move everything from one database to another. The bot must not run; what ended early goes on when run again."""
    moved: list[MovedTable] = []

    async def work() -> None:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=err, transient=True) as progress:
            tasks = {step: progress.add_task(step.value, total=None) for step in Step}

            def watch(step: Step, rows: int, total: int) -> None:
                progress.update(tasks[step], advance=rows, total=total)

            moved.extend(await app.move_database(source, target, watch))

    # SIGTERM ends it as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _run(work())
    if not moved:
        raise FiresideError("The move was interrupted. The same command goes on where it ended.")
    out.print(_moved_table(moved))
    rows = counted(sum(table.rows for table in moved), "row")
    out.print(f"All {rows} are there, the same on both sides. Put the new address into DATABASE_URL.", soft_wrap=True)


def _moved_table(moved: list[MovedTable]) -> Table:
    table = Table("table", Column("rows", justify="right"), "checksum of both")
    for each in moved:
        table.add_row(each.name, f"{each.rows:,}", each.checksum)
    return table


@cli.command()
def doctor(
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Look at this machine alone, not at Discord.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Look for what may keep the bot from working, with a remedy each; the exit code is 1 if there is a fault."""
    found: list[Finding] = []

    async def work() -> None:
        async for finding in app.examine(load_settings(), online=not offline):
            found.append(finding)
            if not as_json:
                _show_finding(finding)

    _run(work())
    if as_json:
        out.print(json.dumps([asdict(finding) for finding in found]), markup=False, soft_wrap=True)
    if any(finding.verdict is Verdict.FAULT for finding in found):
        sys.exit(1)


def _show_finding(finding: Finding) -> None:
    colour = {Verdict.GOOD: "green", Verdict.WARNING: "yellow", Verdict.FAULT: "red"}[finding.verdict]
    says = Text.assemble((f"{finding.verdict:5}", colour), f" {finding.what}: {finding.says}")
    out.print(says, soft_wrap=True)
    if finding.remedy:
        out.print(f"      {finding.remedy}", markup=False, soft_wrap=True)


@cli.command()
def ask(
    question: Annotated[str, typer.Argument(help="In your own words.", show_default=False)],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Ask the interview without Discord, and see what else came near."""

    async def work() -> None:
        reply = await app.ask(load_settings().database_url, question)
        if as_json:
            # UTF-8, whatever encoding the terminal has.
            sys.stdout.buffer.write(json.dumps(_document(reply), ensure_ascii=False).encode() + b"\n")
        else:
            _show(reply)

    _run(work())


def _document(reply: Reply) -> dict[str, Any]:
    """Return a reply as `ask --json` prints it."""
    return {
        "band": reply.band.value,
        "confidence": round(reply.confidence, 4),
        "matches": [
            {
                "exchange": hit.interview.exchanges.index(hit.exchange) + 1,
                "turn": _turn(hit),
                "score": round(hit.score, 4),
                "question": hit.exchange.question,
                "passage": hit.passage,
            }
            for hit in reply.hits
        ],
    }


def _turn(hit: Hit) -> int:
    return hit.interview.number(hit.exchange.answered_in[0])


def _show(reply: Reply) -> None:
    near = reply.hits
    if reply.band is Band.ANSWER:
        best, near = reply.hits[0], reply.hits[1:]
        speaker = best.interview.speaker(best.interview.answer_turns(best.exchange)[0]).name
        out.print(best.exchange.question, style="bold", markup=False, soft_wrap=True)
        out.print(best.interview.answer(best.exchange), markup=False, soft_wrap=True)
        out.print(f"\n{speaker} · turn {_turn(best)} · {best.interview.imprint}", style="dim", markup=False)
        out.print("\nAlso near:" if near else "", style="dim", end="\n" if near else "")
    elif reply.band is Band.SUGGEST:
        out.print("I am not sure. Did you mean one of these?")
    else:
        out.print("The interview does not say." + (" What comes nearest:" if near else ""))
    for hit in near:
        out.print(f"- turn {_turn(hit)}: {hit.exchange.question}", markup=False, soft_wrap=True)


@cli.command("eval")
def evaluate(
    questions: Annotated[
        Path, typer.Argument(help="Questions with their right answers (JSON lines).", show_default=False)
    ],
    *,
    interview: Annotated[Path | None, typer.Option(help="The interview file that answers them.")] = None,
    items: Annotated[Path | None, typer.Option(help="Or a plain list of questions and answers (JSON).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Measure how well questions are answered whose right answers are known."""
    if interview is not None and items is None:
        evaluation = evaluate_interview(questions, interview)
    elif items is not None and interview is None:
        evaluation = evaluate_items(questions, items)
    else:
        raise FiresideError("Say what answers the questions: either --interview FILE or --items FILE.")
    if as_json:
        out.print(json.dumps(as_document(evaluation)), markup=False, soft_wrap=True)
    else:
        out.print(_score_table(evaluation))


def _score_table(evaluation: Evaluation) -> Table:
    columns = [column.name for column in fields(Score)]
    table = Table()
    table.add_column("category", no_wrap=True)
    for column in columns:
        table.add_column(column.replace("_", " "))
    for category, score in {"all": evaluation.overall, **evaluation.by_category}.items():
        values = (getattr(score, column) for column in columns)
        table.add_row(category, *("-" if value is None else f"{value:.2f}" for value in values))
    return table


@cli.command()
def transcript(  # noqa: PLR0913 - one option for each thing that a text can't say of itself
    text: Annotated[Path, typer.Argument(help="A text of the shape `Speaker: words`.", show_default=False)],
    output: Annotated[Path, typer.Option("--out", help="The interview file to write.")],
    *,
    title: Annotated[str | None, typer.Option(help="Worked out from the text if left out, as is the rest.")] = None,
    publisher: Annotated[str | None, typer.Option()] = None,
    published: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    source: Annotated[str | None, typer.Option(help="Address of the page.")] = None,
    host: Annotated[list[str] | None, typer.Option(help="Label of a host in the text.")] = None,
    name: Annotated[list[str] | None, typer.Option(help='Who a label is: LABEL="Full Name".')] = None,
    colour: Annotated[str | None, typer.Option(help="Accent colour of its embeds, such as #d00000.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Turn the text of an interview into an interview file, and say what was left out."""
    details = Details(
        title=title,
        publisher=publisher,
        published=published.date() if published else None,
        source=source,
        colour=colour,
        hosts=frozenset(host or ()),
        names=dict(_name(given) for given in name or ()),
    )
    _check_free(output, force=force)
    result = read_transcript_file(text, details)
    write_interview_file(output, result.interview)
    interview = result.interview
    parts = (interview.turns, "turn"), (interview.exchanges, "exchange"), (interview.comments, "comment")
    out.print(f"{output}: {', '.join(counted(len(things), name) for things, name in parts)}.", soft_wrap=True)
    for part in result.left_out:
        to = f" to {part.last_line}" if part.last_line > part.first_line else ""
        out.print(f"Left out from line {part.first_line}{to}: {part.why}.", markup=False)


def _name(given: str) -> tuple[str, str]:
    label, equals, full_name = given.partition("=")
    if not (label.strip() and equals and full_name.strip()):
        raise FiresideError(f'--name {given}: write it as LABEL="Full Name".')
    return label.strip(), full_name.strip()


@cli.command()
def seal(file: Annotated[Path, typer.Argument(help="An interview file (JSON).", show_default=False)]) -> None:
    """Take the checksums of an interview file anew, after a change to its turns that is meant."""
    seal_file(file)
    out.print(f"{file}: sealed.", markup=False, soft_wrap=True)


@cli.command()
def schema() -> None:
    """Print the JSON Schema of an interview file."""
    out.print(interview_schema(), markup=False, soft_wrap=True, end="")


@cli.command()
def health() -> None:
    """Ask the running bot how it is, at its HEALTH_PORT; the exit code is 0 if it is well, else 1."""
    port = load_settings().health_port
    if port is None:
        raise FiresideError("There is no HEALTH_PORT. Put a free port there, such as 8138, and start the bot with it.")
    well, words = app.ask_health(port)
    out.print(words, markup=False, soft_wrap=True)
    raise typer.Exit(0 if well else 1)


@cli.command()
def version() -> None:
    """Print the version."""
    out.print(__version__)


if __name__ == "__main__":
    main()
