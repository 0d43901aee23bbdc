// Beside, part 1: what the norms of one model do to its stream at the token in focus, in words, as a table and as rows.

const PLACED = ["A norm reads a copy of the stream and leaves the stream alone (pre-norm)",
  "A norm stands in the stream itself, after each addition (post-norm)"];

/** The smallest and the largest of what is there. */
function range(values) {
  const there = values.filter(Number.isFinite);
  return [Math.min(...there), Math.max(...there)];
}

/** One model: how far its stream goes, and what its norms divide by. */
function sideInWords({ view, facts, t }) {
  const { post_norm: post } = view.header, all = facts.places.map((_, p) => p), end = facts.P - 1, made = all.slice(1);
  const [least, most] = range(all.map(p => facts.divisor(p, t))), [low, high] = range(made.map(p => facts.entering(p, t)));
  const divided = `the norms divide by ${few(least)} to ${few(most)}`;
  const normed = post && Number.isFinite(facts.write(end, t)) ? "" : `; after the last norm it is ${few(facts.length(end, t))}`;
  return post
    ? `${PLACED[1]}: whatever is added, what the next part reads and adds to is ${few(low)} to ${few(high)} long, and ${divided}${normed}.`
    : `${PLACED[0]}: it goes from a length of ${few(facts.length(0, t))} to ${few(facts.length(end, t))}, and ${divided}.`;
}

const SIDE_HEADS = ["model", "after", "length", "length added to", "length added", "cosine", "divisor"];

/** Numbers of every place of both: names, then what `written` makes of a number. */
function sideRows(sides, written) {
  return sides.flatMap(({ view, facts, t }) => facts.places.map((_, p) => [view.header.name, writerWords(view, p),
    ...["length", "entering", "write", "cosine", "divisor"].map(name => written(facts[name](p, t)))]));
}

const IDEA = "Before the norm or after the addition: the same parts, wired in two ways. The first transformers normed the stream itself; "
  + "GPT-2 and after leave it alone and norm what each part reads. Both charts have one scale.";
const CAVEAT = "Not shown: why. Two models differ in all that they learned; only stories-pre-norm and stories-post-norm were trained alike "
  + "but for the place of their norms. The other model is shown as it is, without interventions.";
