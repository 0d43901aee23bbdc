// Byte-pair learning, merge by merge: the handle, the text as it is cut, the pairs that stood for choice. All of it is here:
// Python hears of the merge after a pause, for the address and the sentence on top.
// While the handle moves a frame draws what the eye follows; the rest follows in the first frame in which it stands still.

const TELL_MERGE_AFTER = 300;
const IDEA = "Learning starts from single bytes. Count every pair of neighbours, join the most frequent one everywhere, write the two "
  + "down as a new token, and count again. What is said often becomes one token; what is rare stays in pieces.";
const LEFT_OUT = "Not shown: meaning. Pairs are joined because they are frequent, not because they are parts of a word; another "
  + "text learns other tokens.";

export default picture(view => {
  let k = 0, place, facts, timer = 0, still = 0, grownFrom = -1, grownIn = 0, wide = 0, tokens = [];
  const card = hoverCard(view), text = mergeText(view, { over, out: () => card.hide() }), table = pairTable(view);
  const track = mergeTrack(view, { to: to => { plays.stop(); go(to); } });
  const plays = mergePlayer({ next: () => k < facts.K && (go(k + 1), k < facts.K), changed: () => { view.redraw(); tell(); } });
  const play = el("button", { type: "button", class: "link play", on: { click: toggle } });
  const speed = el("button", { type: "button", class: "link speed", on: { click: () => plays.faster() } });
  const title = el("h2", { text: "The text" }), facts_ = el("span", { class: "sub" });
  const drawing = svg("svg", { role: "img", class: "forest" }), grown = el("h2");
  const maths = countMaths(), shapes = mergeShapes(), twin = mergeTwin(), live = el("p", { class: "sr", "aria-live": "polite" });
  const ended = el("p", { class: "note quiet ended" });
  const swatch = (kind, words) => el("span", { class: "key" }, el("i", { class: `swatch ${kind}`, "aria-hidden": "true" }), words);
  const legend = el("p", { class: "legend" }, swatch("made", "made by this merge"), swatch("several", "a token of several bytes"),
    swatch("one", "one byte"));
  const left = el("section", { class: "left" }, el("div", { class: "head" }, title, facts_), text.node, legend, maths.node);
  const right = el("div", { class: "right" }, table.node, el("section", { class: "grew" }, grown, drawing),
    el("section", { class: "said" }, el("p", { class: "note", text: IDEA }), el("p", { class: "note quiet", text: LEFT_OUT })));
  view.root.append(live, el("div", { class: "scrub" }, el("div", { class: "buttons" }, play, speed), track.node), ended,
    el("div", { class: "two" }, left, right), shapes.node, twin.node);

  function toggle() {
    if (plays.playing()) return plays.stop();
    if (k >= facts.K) go(0);
    plays.start();
  }

  function go(to) {
    if (to === k) return;
    k = to;
    cancelAnimationFrame(still);  // here: an input comes before what the frame before it has asked for
    view.redraw();
    tell();
  }

  function tell() {
    clearTimeout(timer);
    if (plays.playing()) return;
    timer = setTimeout(() => {
      timer = 0;
      live.textContent = mergeSentence(facts, k, tokens.length);
      view.set("merge", k);
    }, TELL_MERGE_AFTER);
  }

  function over(byte, span) {
    const [start, end] = tokens.find(([from, to]) => from <= byte && byte < to) ?? [];
    if (start === undefined) return;
    let last = -1;
    for (let b = start + 1; b < end; b++) last = Math.max(last, facts.gone[b]);
    const made = last >= 0 ? last : view.arrays.raw[start] - BYTES, id = BYTES + made;
    card.show({ value: String(id), place: tokenSpan(facts.token(id)),
      what: made >= 0 ? `merge ${count(made + 1)}, ${plural(end - start, "byte")}` : "a byte, there from the start" }, span);
  }

  function grow() {
    grown.parentNode.hidden = !k;
    if (!k || (grownFrom === k && grownIn === view.width)) return;
    if (grownIn !== view.width) [grownIn, wide] = [view.width, drawing.parentNode.clientWidth];
    grownFrom = k;
    const id = BYTES + k - 1, root = { ...tokenTree(facts, id), root: true };
    const long = facts.token(id) === facts.whole(id) ? "" : `, ${plural(facts.size(id), "byte")},`;
    grown.replaceChildren("How ", tokenSpan(facts.token(id)), `${long} grew`);
    drawing.setAttribute("aria-label", `The tree of merges that made ${facts.said(id)}`);
    drawForest(drawing, [root], wide);
  }

  function arrive() {
    const h = view.header;
    if (h.place === place) return;
    place = h.place;
    clearTimeout(timer);
    plays.stop();
    facts = mergeFacts(view);
    k = Math.max(0, Math.min(facts.K, h.merge));
    grownFrom = -1;
    table.clear();
    title.textContent = h.characters > h.shown ? `The text, first ${count(h.shown)} of ${count(h.characters)} characters` : "The text";
    ended.textContent = [facts.K < h.asked && whyEnded(facts, h), h.long_words && inPieces(h)].filter(Boolean).join(" ");
    ended.hidden = !ended.textContent;
  }

  /** What is read at rest: the words, how the token grew, the sum, the tables. */
  function rest() {
    still = 0;
    const bytes = facts.gone.length, n = tokens.length, absent = k && !tokens.some(([, , made]) => made);
    track.say(mergeSentence(facts, k, n));
    text.node.setAttribute("aria-label", `The text, cut into ${plural(n, "token")}`);
    facts_.textContent = `${plural(bytes, "byte")}, ${plural(n, "token")}, ${(bytes / Math.max(1, n)).toFixed(2)} bytes per token`
      + (absent ? "; this merge joins nothing in it" : "");
    grow();
    table.rest(facts, k);
    maths.show(facts, k);
    shapes.show(view, facts, k);
    twin.show(view, facts, k, tokens);
    play.textContent = plays.playing() ? "Pause" : "Play";
    play.disabled = !facts.K;
    play.setAttribute("aria-label", plays.playing() ? "Pause the merges" : "Play the merges");
    speed.textContent = `${plays.speed()}/s`;
    speed.setAttribute("aria-label", `Speed: ${plays.speed()} merges a second; change`);
  }

  return {
    draw() {
      const first = view.header.place !== place;
      arrive();
      tokens = cutAt(facts.gone, k);
      track.show(facts, k);
      text.show(k, tokens);
      table.show(facts, k);
      cancelAnimationFrame(still);
      if (first) rest();
      else still = requestAnimationFrame(rest);
    },
    destroy() { plays.stop(); clearTimeout(timer); cancelAnimationFrame(still); },
    csv: () => mergeRows(view, facts, k, tokens),
    name: () => `merges-${k}`,
  };
});

/** Why the curve and an encoder may differ. */
function inPieces({ long_words: n, longest_word: most }) {
  return `${plural(n, "word")} of more than ${count(most)} characters ${n === 1 ? "is" : "are"} learned from in pieces, each as `
    + "a word of its own; Cut, which leaves them whole, may need fewer tokens than the curve counts.";
}

/** Why fewer merges were learned than asked for. */
function whyEnded({ K, more }, { asked, longest }) {
  if (!K) return "No pair of neighbours occurs twice in this text, so there is nothing to join.";
  return `${count(K)} of the ${plural(asked, "merge")} asked for: after ${K === 1 ? "this one" : "these"} ` + (more
    ? `every pair that occurs twice would be longer than ${count(longest)} bytes, the longest token there is.`
    : "no pair occurs twice.");
}
