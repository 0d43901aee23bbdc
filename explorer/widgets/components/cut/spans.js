// Cut, part 1: a text as a run of tokens, and the list of their ids. Offsets count bytes of the text.

const LONG = 8;  // bytes from which a token has the strongest colour: real vocabularies have few longer ones

/** How strong the colour of a token is, 0 to 1: single bytes have none. */
const strength = bytes => Math.min(1, Math.log2(bytes) / Math.log2(LONG));

/** The colour of a token of so many bytes: the first 42 % of the scale, on which text stays ink. */
const lengthColour = (view, bytes) => (bytes > 1 ? view.seq(0.06 + 0.36 * strength(bytes)) : "transparent");

/** A line of a text ends behind a token that holds its mark. */
const endsLine = ({ pieces }) => pieces.some((piece, i) => i % 2 && piece.includes("↵"));

/** Spans in a row; `look(i)` gives [token wire, attributes]. Lines end where the text's do. */
function spanRow(n, look) {
  const nodes = [];
  for (let i = 0; i < n; i++) {
    const [token, attributes] = look(i);
    nodes.push(tokenSpan(token, { "data-i": i, ...attributes }, 64));
    if (endsLine(token)) nodes.push(el("br"));
  }
  return nodes;
}

/** The index of the span that an event came from, or -1. */
function spanAt(event) {
  const found = event.target.closest?.("[data-i]");
  return found ? Number(found.dataset.i) : -1;
}

/** The first place in sorted `ends` that lies behind `offset`: the token that holds this byte. */
function holder(ends, offset) {
  let low = 0, high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] > offset) high = middle; else low = middle + 1;
  }
  return low;
}

/** Scroll a box, not the page, to where a child of it can be seen. */
function revealIn(box, child) {
  const top = child.offsetTop - box.offsetTop, bottom = top + child.offsetHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
}
