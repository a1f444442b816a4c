from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import EVERY_DAY, ONE_DAY, DailyRule, latest_post, next_post, post_on
from bot.domain.deliveries import GRACE, LEASE, MISSED_DAYS, DeliveryState
from bot.domain.planning import Entry, Plan, Turn, plan_of

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = datetime(2026, 3, 2, 8, tzinfo=UTC)
ZONES = [ZoneInfo(key) for key in ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")]

rules = st.builds(
    DailyRule,
    guild_id=st.just(1),
    channel_id=st.just(2),
    at=st.times().map(lambda at: time(at.hour, at.minute)),
    zone=st.sampled_from(ZONES),
    since=st.just(FIRST),
    weekdays=st.frozensets(st.sampled_from(sorted(EVERY_DAY)), min_size=1),
)
waits = st.lists(st.timedeltas(timedelta(seconds=1), timedelta(days=4)), min_size=1, max_size=30)


@dataclass
class Ledger:
    """One server's entries, and who looks at it."""

    turn: Turn
    entries: dict[date, DeliveryState] = field(default_factory=dict)
    sent_at: dict[date, datetime] = field(default_factory=dict)

    def plan(self, now: datetime) -> Plan:
        post = latest_post(self.turn.rule, now)
        state = self.entries.get(post.local_date) if post else None
        return plan_of(self.turn, post, Entry(state) if state else None, max(self.entries, default=None), now)

    def look(self, now: datetime) -> None:
        """Do what is planned until nothing is to be done at this instant."""
        while self.turn.look_at <= now:
            plan = self.plan(now)
            for missed in plan.missed:
                assert missed.local_date not in self.entries
                self.entries[missed.local_date] = DeliveryState.MISSED
            if plan.post is not None:
                assert plan.post.local_date not in self.entries
                self.entries[plan.post.local_date] = DeliveryState.SENT
                self.sent_at[plan.post.local_date] = now
            self.turn = replace(self.turn, look_at=plan.look_at)


@given(rules, waits)
def test_whenever_it_is_looked_at_each_post_is_sent_in_time_or_missed_and_none_twice(
    rule: DailyRule, waits: list[timedelta]
) -> None:
    ledger, now = Ledger(Turn(rule, AT_ONCE)), FIRST
    for wait in waits:
        now += wait
        ledger.look(now)
    owed = [post_on(rule, FIRST.date() + number * ONE_DAY) for number in range(-2, (now - FIRST).days + 3)]
    owed = [post for post in owed if post.local_date.weekday() in rule.weekdays and FIRST <= post.due <= now]
    assert all(post.local_date in ledger.entries for post in owed[-MISSED_DAYS:])
    assert ledger.entries.keys() <= {post.local_date for post in owed}
    for post in owed:
        if (at := ledger.sent_at.get(post.local_date)) is not None:
            assert timedelta() <= at - post.due <= GRACE


@given(rules, st.timedeltas(timedelta(), timedelta(days=40)))
def test_who_is_looked_at_when_it_is_said_is_never_late(rule: DailyRule, later: timedelta) -> None:
    now = FIRST + later
    ledger = Ledger(Turn(rule, AT_ONCE))
    ledger.look(now)
    assert now < ledger.turn.look_at <= next_post(rule, now).due


@given(rules, st.timedeltas(timedelta(), timedelta(hours=7)), st.timedeltas(timedelta(), timedelta(hours=2)))
def test_what_waits_is_tried_when_its_time_has_come_and_not_after_the_grace(
    rule: DailyRule, after_due: timedelta, pause: timedelta
) -> None:
    post = next_post(rule, FIRST)
    now = post.due + after_due
    turn = Turn(rule, now)
    retry_at = post.due + pause
    plan = plan_of(turn, post, Entry(DeliveryState.WAITING, retry_at), None, now)
    assert plan.again == (plan.post is not None) == (retry_at <= now <= post.due + GRACE)
    if retry_at > now and now <= post.due + GRACE:
        assert plan.look_at == min(retry_at, next_post(rule, now).due)


def test_what_is_settled_is_left_alone_and_what_is_being_sent_until_that_has_to_be_over() -> None:
    rule = DailyRule(1, 2, time(9), ZoneInfo("UTC"), FIRST)
    post = next_post(rule, FIRST)
    for state in set(DeliveryState) - {DeliveryState.WAITING}:
        plan = plan_of(Turn(rule, post.due), post, Entry(state), None, post.due)
        assert plan == Plan(plan.turn, post.due + (LEASE if state is DeliveryState.CLAIMED else ONE_DAY))
