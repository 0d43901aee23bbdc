"""The stack as an address says it, and in its order."""

import pytest

from explorer.analysis.interventions import Mean, Part, Patch, Scale, Steer, mark
from explorer.analysis.stacks import Stack, effective, moved, parse, put, switched
from llm.tokenizers.char import CharTokenizer
from tests.explorer.analysis.variants import build

TOKENIZER = CharTokenizer.train("abcdefghij ,=#/@-x4")
TEXT = "a, b=c #d/e@x4"


def test_an_address_says_all_of_it() -> None:
    stack: Stack = ()
    for one in (
        Scale(Part(3, 1)),
        Scale(Part(2, kind="mlp"), 0.5),
        Mean(Part(0)),
        Scale(Part(0, 11), 10.0, on=False),
        Mean(Part(1, kind="mlp", at=5)),
        Patch(Part(2, kind="stream", at=3), TEXT, made_on=mark("it")),
        Patch(Part(2, 1), TEXT, on=False),
        Patch(Part(3, kind="stream", at=6), TEXT, Part(1, kind="stream", at=0)),
        Steer(Part(1, kind="stream"), "-", "/", -2.5, on=False),
        Steer(Part(1, kind="stream", at=9), " b", strength=4.0, matrix="embed"),
    ):
        stack = put(stack, one)
    text = ",".join(map(str, stack))
    assert text.startswith("3.1x0,m2x0.5,a0~,0.11x10-,m1@5~,r2@3=a%2C b")
    assert parse(text) == (stack, [])
    assert [one.words for one in stack] == [
        "head 3.1 off",
        "MLP of block 2 × 0.5",
        "attention of block 0 at its mean",
        "head 0.11 × 10",
        "MLP of block 1 at token 5 at its mean",
        f"stream into block 2 at token 3 patched from “{TEXT}”",
        f"head 2.1 patched from “{TEXT}”",
        f"stream into block 3 at token 6 patched from stream into block 1 at token 0 of “{TEXT}”",
        "stream into block 1 − 2.5 × W_U of “-” − “/”",
        "stream into block 1 at token 9 + 4 × W_E of “·b”",
    ]
    assert parse("") == ((), [])
    assert parse("3.1x0,3.1~")[0] == (Mean(Part(3, 1)),)
    assert parse("3.1x0,3.1=a,3.1~")[0] == (Mean(Part(3, 1)), Patch(Part(3, 1), "a"))


WRONG = "3.1 x 3.1x-1 h3 m2x11 3.1x1e9 <b> ٣.1x0 99999.1x0 3.1= m1+2:a r1+2: r1@2<3.1=a r1<r2@1=a r1+1e9:a 3.1@x0"


@pytest.mark.parametrize("bad", WRONG.split())
def test_what_names_no_part_is_told(bad: str) -> None:
    assert parse(f"m1~,{bad}") == ((Mean(Part(1, kind="mlp")),), [bad])


def test_only_what_is_on_and_in_the_model_counts_in_its_order() -> None:
    model = build(mlp="none")
    stack, wrong = parse("9.0x0,0.9x0,m1x0,2.0x0,0.0x1,2.2x0-,1.3x0,r1+0:a,r1@30x0,a1=zz,a1@4=abc,r1+2:ab,r1+2:a/a")
    assert not wrong
    assert effective(stack, model.config, TOKENIZER) == (Scale(Part(2, 0)), Scale(Part(1, 3)))
    assert [one.lacks(model.config, TOKENIZER) for one in stack[-4:]] == [
        "this model cannot read its text",
        "its text has no token 4",
        "“ab” is not one token here",
        "the two tokens are one",
    ]
    assert not any(one.on for one in switched(stack, False))
    assert [one.on for one in switched(stack, True, Scale(Part(2, 2)).slot)] == [True] * len(stack)


def test_one_is_moved_within_the_ends() -> None:
    stack, _ = parse("0.0x0,0.1x0,0.2x0")
    assert ",".join(map(str, moved(stack, stack[2].slot, -1))) == "0.0x0,0.2x0,0.1x0"
    assert moved(stack, stack[0].slot, -1) == stack
    assert ",".join(map(str, moved(stack, stack[0].slot, 1))) == "0.1x0,0.0x0,0.2x0"
