"""How do scores become one word? From the logits of one position, through temperature and the filters, to a draw."""

from explorer.analysis.sampling import funnel
from explorer.resources import traced
from explorer.widgets import focus, model_picker, prompt, sampling_settings
from explorer.widgets.header import code_panel, page_header
from explorer.widgets.sampler import lead, sampler
from llm.generation import filters

top = page_header("How do scores become one word?")
checkpoint = model_picker.chosen()
text = prompt.read(checkpoint)
at = focus.read(checkpoint, text)
settings = sampling_settings.read()

logits = traced(checkpoint.path, text.ids).logits[at.token].cpu().numpy()
drawn = funnel(logits, settings.config, text.ids[: at.token + 1])

top.lead(*lead(drawn, checkpoint.tokenizer))
sampler(checkpoint, text, at, logits, settings, top.depth)

if top.depth == "code":
    code_panel(
        filters.filtered,
        filters.repetition_penalty,
        filters.temperature,
        filters.top_k,
        filters.top_p,
        filters.min_p,
        filters.probabilities,
    )
