"""What is computed of checkpoints is shared, kept once, and never served when the checkpoint has been replaced."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from explorer import in_force, resources
from explorer.analysis.ablation import loss_change
from explorer.analysis.edits import edits, from_trace
from explorer.analysis.interventions import Intervention, Mean, Patch
from explorer.analysis.stacks import parse
from llm.checkpoint import CheckpointError, save_checkpoint, thin
from llm.checkpoint_files import prune, step_directory
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.trace import hook_name, trace
from tests.tiny_run import STEPS, tiny_run


@pytest.fixture
def path(tiny_checkpoint: Path) -> Path:
    return tiny_checkpoint


def test_a_trace_is_computed_once_and_is_the_plain_forward_pass(path: Path) -> None:
    got = resources.traced(path, (1, 2, 3))
    assert got is resources.traced(path, (1, 2, 3))
    assert got is not resources.traced(path, (1, 2))
    assert torch.equal(got.logits, trace(resources.load_model(path).model, [1, 2, 3]).logits)
    assert len(got.tokens) == 3


def test_derived_is_kept_by_its_arguments(path: Path) -> None:
    resources.derived(loss_change, path, (1, 2, 3), 0, 1)
    held = len(resources._memory().derived)
    assert resources.derived(loss_change, path, (1, 2, 3), 0, 1) == pytest.approx(
        loss_change(resources.traced(path, (1, 2, 3)), resources.load_model(path).model, 0, 1)
    )
    assert len(resources._memory().derived) == held
    resources.derived(loss_change, path, (1, 2, 3), 1, 1)
    assert len(resources._memory().derived) == held + 1


def test_a_loaded_model_takes_no_gradients(path: Path) -> None:
    model = resources.load_model(path).model
    assert not model.training
    assert not any(p.requires_grad for p in model.parameters())
    assert resources.load_model(path).model is model


def test_a_checkpoint_that_was_thinned_or_replaced_is_read_again(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run")
    place = step_directory(run.checkpoints, STEPS[0])
    first, before = resources.load_model(place), resources.traced(place, (1, 2))
    thin(place)
    thinned = resources.load_model(place)
    assert thinned is not first
    assert torch.equal(thinned.model.embed.weight, first.model.embed.weight.half().float())
    assert resources.traced(place, (1, 2)) is not before
    save_checkpoint(place, GPT(first.model.config, seed=9), first.tokenizer, {}, overwrite=True)
    assert torch.equal(resources.load_model(place).model.embed.weight, GPT(first.model.config, seed=9).embed.weight)


def test_a_pruned_checkpoint_is_still_there_for_who_has_read_it(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run")
    read, unread = (step_directory(run.checkpoints, step) for step in STEPS[:2])
    model = resources.load_model(read)
    prune(run.checkpoints, keep=1)
    assert resources.load_model(read) is model
    assert resources.traced(read, (1, 2)).logits.shape[0] == 2
    with pytest.raises(CheckpointError, match="got nothing"):
        resources.load_model(unread)


def test_the_loss_of_a_checkpoint_comes_from_its_manifest(tmp_path: Path, path: Path) -> None:
    checkpoint = resources.load_model(path)
    losses = {"good": 1.5, "text": "1.5", "bool": True}
    for name, loss in losses.items():
        save_checkpoint(tmp_path / name, checkpoint.model, checkpoint.tokenizer, {"validation_loss": loss})
    found = {name: resources.validation_loss(tmp_path / name) for name in [*losses, "missing"]}
    assert found == {"good": 1.5, "text": None, "bool": None, "missing": None}


def test_what_a_page_asked_can_be_asked_of_another_checkpoint(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run")
    first, second = (step_directory(run.checkpoints, step) for step in STEPS[:2])
    with resources.remembered() as asked:
        resources.traced(first, (1, 2, 3))
        resources.derived(loss_change, first, (1, 2, 3), 0, 0)
        resources.standing_roles(first)
    assert {path for path, _, _ in asked} == {first}
    assert [lasting for _, _, lasting in asked][-1]
    for _, again, _ in asked:
        again(second)
    stamp = resources._stamp(second)
    assert (str(second), stamp, (1, 2, 3), ()) in resources._memory().traces
    assert ("standing_roles", str(second), stamp, ()) in resources._memory().derived
    resources.traced(first, (1,))
    assert (first, (1,)) not in [path for path, _, _ in asked]


def test_interventions_hold_for_who_asks_and_for_nobody_else(path: Path) -> None:
    ids, (stack, _) = (1, 2, 3), parse("0.1x0,m1~")
    clean = resources.traced(path, ids)
    with in_force.under(stack), ThreadPoolExecutor() as pool:
        edited = resources.traced(path, ids)
        assert pool.submit(resources.traced, path, ids).result(timeout=60) is clean
        assert edited is resources.traced(path, ids)
        change = resources.derived(loss_change, path, ids, 0, 0)
    assert resources.traced(path, ids) is clean
    assert not torch.equal(edited.logits, clean.logits)
    assert not edited.activations[hook_name("z", 0)][:, :, 1].any()
    model = resources.load_model(path).model
    put: dict[Intervention, torch.Tensor] = {
        one: resources.usual_results(path).of(one.part) for one in stack if isinstance(one, Mean)
    }
    with patch(model, edits(stack, put)):
        assert torch.equal(trace(model, ids).logits, edited.logits)
        assert change == pytest.approx(loss_change(edited, model, 0, 0))
    assert change != pytest.approx(resources.derived(loss_change, path, ids, 0, 0))


def test_what_is_asked_again_of_a_neighbour_is_asked_under_the_same_interventions(path: Path) -> None:
    with in_force.under(parse("0.1x0")[0]), resources.remembered() as asked:
        edited = resources.traced(path, (1, 2, 3))
    ((_, again, _),) = asked
    assert again(path) is edited


def test_a_patch_puts_in_what_the_clean_model_gives_on_its_text(path: Path) -> None:
    checkpoint, (stack, _) = resources.load_model(path), parse("r1@2=Ben asked,0.1x0")
    source = tuple(checkpoint.tokenizer.encode("Ben asked"))
    (one,) = (one for one in stack if isinstance(one, Patch))
    with in_force.under(stack):
        got = resources.traced(path, (1, 2, 3, 4))
        roles = resources.standing_roles(path)
    clean = resources.traced(path, source)
    assert torch.equal(got.activations[one.part.hook][0, 2], from_trace(clean, one.part))
    assert not got.activations[hook_name("z", 0)][:, :, 1].any()
    with in_force.under(stack[1:]):
        assert resources.standing_roles(path) is roles, "a patch at a token says nothing of random text"
