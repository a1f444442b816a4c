"""The checks of what is sent to Discord find what they are for."""

from typing import Any

import pytest

from tests.limits import Definition, faults_of_choices, faults_of_message, faults_of_modal
from tests.wire.openapi import Description

MENTIONS: Definition = {"allowed_mentions": {"parse": []}}


def button(**changes: Any) -> Definition:
    return {"type": 2, "style": 2, "label": "Next page", "custom_id": "next"} | changes


def row(*items: Definition) -> Definition:
    return {"type": 1, "components": [*items]}


def select(*options: Definition, **changes: Any) -> Definition:
    return {"type": 3, "custom_id": "pick", "options": [*options]} | changes


def message(**changes: Any) -> Definition:
    return MENTIONS | {"content": "x"} | changes


def embeds(*parts: Definition) -> Definition:
    return message(embeds=[*parts])


LINK = {"type": 2, "style": 5, "label": "Open", "url": "https://example.org"}
OPTION = {"label": "One", "value": "1"}


@pytest.mark.parametrize(
    "good",
    [
        message(),
        message(content="", embeds=[{"description": "d" * 4096, "title": "t" * 256}]),
        message(components=[row(button(), LINK), row(select(OPTION))]),
        embeds({"fields": [{"name": "n", "value": "v"}] * 25}),
    ],
)
def test_good_messages_pass(good: Definition) -> None:
    assert faults_of_message(good, new=True) == []


@pytest.mark.parametrize(
    "bad",
    [
        MENTIONS,
        {"content": "x"},
        message(content="x" * 2001),
        message(nonce="n" * 26),
        embeds(*[{"title": "t"}] * 11),
        embeds({"description": "d" * 4000}, {"description": "d" * 2001}),
        embeds({"title": "t" * 257}),
        embeds({"description": "d" * 4097}),
        embeds({"footer": {"text": "f" * 2049}}),
        embeds({"author": {"name": "a" * 257}}),
        embeds({"fields": [{"name": "n", "value": "v"}] * 26}),
        embeds({"fields": [{"name": " ", "value": "v"}]}),
        embeds({"fields": [{"name": "n", "value": "v" * 1025}]}),
        embeds({"title": "t", "url": "javascript:alert(1)"}),
        message(components=[row(button(custom_id=str(number))) for number in range(6)]),
        message(components=[row(*(button(custom_id=str(number)) for number in range(6)))]),
        message(components=[row()]),
        message(components=[button()]),
        message(components=[row(select(OPTION), button())]),
        message(components=[row(button(), button())]),
        message(components=[row(button(custom_id="c" * 101))]),
        message(components=[row(button(label="l" * 81))]),
        message(components=[row(button(label=""))]),
        message(components=[row(LINK | {"style": 1})]),
        message(components=[row(LINK | {"url": "file:///etc/passwd"})]),
        message(components=[row(select())]),
        message(components=[row(select(*({"label": "x", "value": str(number)} for number in range(26))))]),
        message(components=[row(select(OPTION, OPTION))]),
        message(components=[row(select({"label": "l" * 101, "value": "1"}))]),
        message(components=[row(select(OPTION, placeholder="p" * 151))]),
    ],
)
def test_each_fault_of_a_message_is_found(bad: Definition) -> None:
    assert len(faults_of_message(bad, new=True)) == 1


def form(*components: Definition, **changes: Any) -> Definition:
    return {"title": "Ask", "custom_id": "form", "components": [*components]} | changes


def field(**changes: Any) -> Definition:
    return {"type": 18, "label": "Words", "component": {"type": 4, "custom_id": "words"} | changes}


def test_good_forms_pass() -> None:
    assert faults_of_modal(form(field(min_length=1, max_length=5, value="abc"))) == []


@pytest.mark.parametrize(
    "bad",
    [
        form(),
        form(*(field(custom_id=str(number)) for number in range(6))),
        form(field(), title="t" * 46),
        form(field() | {"label": ""}),
        form(field() | {"description": "d" * 101}),
        form(field(), field()),
        form(field(max_length=4001)),
        form(field(min_length=4, value="abc")),
        form(field(max_length=2, value="abc")),
        form(field(placeholder="p" * 101)),
    ],
)
def test_each_fault_of_a_form_is_found(bad: Definition) -> None:
    assert len(faults_of_modal(bad)) == 1


def test_faults_of_choices_are_found() -> None:
    choice = {"name": "One", "value": "1"}
    assert faults_of_choices([choice] * 25) == []
    for bad in ([choice] * 26, [choice | {"name": ""}], [choice | {"value": "v" * 101}]):
        assert len(faults_of_choices(bad)) == 1


def test_a_description_of_the_interface_is_applied_to_requests() -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Post"}}}}
    snowflake = {"$ref": "#/components/schemas/SnowflakeType"}
    schemas = {
        "SnowflakeType": {"type": "string"},
        "Post": {"type": "object", "properties": {"content": {"maxLength": 3}, "id": snowflake}},
    }
    paths = {"/channels/{channel_id}/messages": {"post": {"requestBody": body}}}
    description = Description({"paths": paths, "components": {"schemas": schemas}})
    route = "/channels/{channel}/messages"
    assert description.faults("POST", route, {"content": "abc", "id": 5}) == []
    assert len(description.faults("POST", route, {"content": "abcd", "id": []})) == 2
    assert description.faults("PUT", route, {}) != []
