"""What a run's form calls its fields, and a refusal of its choices in these names."""

import re

NAMES = {
    "preset": "Preset",
    "text": "Corpus",
    "corpus_chars": "Characters",
    "tokenizer": "Tokenizer",
    "n_vocab": "Tokens of the vocabulary",
    "validation_fraction": "Share kept for validation",
    "windows": "Training windows start",
    "prompt": "Samples go on from",
    "n_layers": "Blocks",
    "n_heads": "Heads",
    "heads_a_kv": "Heads per k and v",
    "d_model": "Width",
    "mlp_ratio": "MLP, times the width",
    "n_ctx": "Context",
    "positions": "Positions",
    "norm": "Norm",
    "block": "Where the norms stand",
    "mlp": "MLP's activation",
    "tied": "Unembed with the embedding's weights",
    "bias": "Biases",
    "dropout": "Dropout",
    "rope_base": "Base of the wavelengths",
    "norm_eps": "Added under the norm's root",
    "steps": "Steps",
    "batch_size": "Batch",
    "seed": "Seed",
    "grad_accumulation": "Batches an update",
    "optimizer": "Optimizer",
    "muon_lr": "Muon's learning rate",
    "newton_schulz": "Muon orthogonalizes by",
    "lr": "AdamW's learning rate",
    "weight_decay": "Weight decay",
    "schedule": "After warm-up the rate",
    "warmup_fraction": "Warm-up, share of the steps",
    "final_lr_fraction": "Share left at the end",
    "clip_norm": "Clip the gradient at",
    "device": "Device",
    "threads": "CPU threads",
    "precision": "Matrix products in",
    "looks": "Checkpoints to look back at",
    "checkpoint_every": "Steps between checkpoints",
    "eval_every": "Steps between validations",
}
_BESIDE = {  # what no field holds but a refusal speaks of
    "d_head": "Width / Heads",
    "d_mlp": "Width of the MLP",
}


def name_of(field: str) -> str:
    """The label of a field; a new one says itself."""
    return NAMES.get(field, field.replace("_", " ").capitalize())


def sentence(refusal: str) -> str:
    """A refusal with a capital first; a field by its label where its name can be no word, or begins the sentence."""

    def said(found: re.Match[str]) -> str:
        field, given = found["field"], found["given"]
        known = field in NAMES or field in _BESIDE
        if not known or not ("_" in field or given or found.start() == 0):
            return found[0]
        return _BESIDE.get(field) or name_of(field) + (" " if given else "")

    words = re.sub(r"(?<![\w'-])(?P<field>[a-z]+(?:_[a-z]+)*)(?P<given>=|(?![\w'=]))", said, refusal)
    return words[:1].upper() + words[1:]
