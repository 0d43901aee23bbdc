"""Why did "the" become one token? Byte-pair encoding learns from a text, merge by merge; then it cuts any word."""

from explorer.analysis.merging import learn
from explorer.widgets import merging_text
from explorer.widgets.cost import cost_section
from explorer.widgets.cutting import cut_section
from explorer.widgets.header import code_panel, page_header
from explorer.widgets.keeping import keep_section
from explorer.widgets.merging import lead, merges_picture, opening_merge, tokenizer_of
from explorer.widgets.vocabulary import vocabulary_section
from explorer.widgets.word import word_section
from llm.tokenizers import bpe, bpe_training, steps

top = page_header("How does text become tokens?")
lesson = merging_text.chosen()
learned = merging_text.learned(lesson)
if learned:
    merge = merging_text.merge_of(lesson, learned, opening_merge(learned))
    top.lead(*lead(learned, merge))
    merges_picture(lesson, learned, merge, top.depth)
    tokenizer = tokenizer_of(learned)
    own = {f"learned above, {len(learned.merges):,} merges": tokenizer}
    word_section(own)
    cut_section(own)
    text = merging_text.text_of(lesson)
    cost_section(text)
    vocabulary_section(own, [text])
    keep_section(tokenizer, f"{merging_text.name_of(lesson)}-{len(learned.merges)}")

if top.depth == "code":
    code_panel(bpe_training.count_words, bpe_training.Learner, learn, bpe.merge, steps.encode_steps)
