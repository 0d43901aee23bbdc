"""Why did "the" become one token? Byte-pair encoding learns from a text, merge by merge; then it cuts any word."""

from explorer.analysis.merging import learn
from explorer.display import many
from explorer.widgets import merging_text
from explorer.widgets.cost import cost_section
from explorer.widgets.cutting import cut_section
from explorer.widgets.header import code_panel, page_header
from explorer.widgets.keeping import keep_section
from explorer.widgets.merging import lead, merges_picture, opening_merge
from explorer.widgets.notice import empty
from explorer.widgets.split_pattern import usable
from explorer.widgets.vocabulary import vocabulary_section
from explorer.widgets.word import word_section
from llm.tokenizers import bpe, bpe_training, steps

top = page_header("How does text become tokens?")
lesson = merging_text.chosen()
text = merging_text.text_of(lesson)
if text == "":
    empty("There is no text to learn from: type or paste one above, or", ("Try an example", merging_text.try_example))
elif text and usable(lesson.pattern, text) and (learned := merging_text.learned(lesson)):
    merge = merging_text.merge_of(lesson, learned, opening_merge(learned))
    merging_text.say_notes(lesson)
    top.lead(*lead(learned, merge))
    merges_picture(lesson, learned, merge, top.depth)
    own = {f"learned above, {many(len(learned.merges), 'merge')}": learned.tokenizer}
    word_section(own)
    cut_section(own)
    cost_section(text, lesson.pattern)
    vocabulary_section(own, [text])
    keep_section(learned.tokenizer, f"{merging_text.name_of(lesson)}-{len(learned.merges)}")

if top.depth == "code":
    code_panel(bpe_training.count_words, bpe_training.Learner, learn, bpe.merge, steps.encode_steps)
