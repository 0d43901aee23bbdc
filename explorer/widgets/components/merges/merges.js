// Byte-pair learning, merge by merge: the handle, the text as it is cut, the pairs that stood for choice. All of it is here:
// Python hears of the merge after a pause, for the address and the sentence on top.

const TELL_MERGE_AFTER = 300;

export default picture(view => {
  let k = 0, place, facts, timer = 0, grownFrom = -1, grownIn = 0, wide = 0, tokens = [];
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
  const legend = el("p", { class: "legend" }, swatch("made", "made by this merge"), swatch("several", "a token of several bytes"), swatch("one", "one byte"));
  const idea = el("p", { class: "note", text: "Learning starts from single bytes. Count every pair of neighbours, join the most frequent one everywhere, write the two down as a new "
    + "token, and count again. What is said often becomes one token; what is rare stays in pieces." });
  const note = el("p", { class: "note quiet", text: "Not shown: meaning. Pairs are joined because they are frequent, not because they are parts of a word; another text learns other tokens." });
  view.root.append(live, el("div", { class: "scrub" }, el("div", { class: "buttons" }, play, speed), track.node), ended,
    el("div", { class: "two" }, el("section", { class: "left" }, el("div", { class: "head" }, title, facts_), text.node, legend, maths.node),
      el("div", { class: "right" }, table.node, el("section", { class: "grew" }, grown, drawing), el("section", { class: "said" }, idea, note))),
    shapes.node, twin.node);

  function toggle() {
    if (plays.playing()) return plays.stop();
    if (k >= facts.K) go(0);
    plays.start();
  }

  function go(to) {
    if (to === k) return;
    k = to;
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
    card.show({ value: String(id), place: tokenSpan(facts.token(id), {}, 24),
      what: made >= 0 ? `merge ${count(made + 1)}, ${end - start} bytes` : "a byte, there from the start" }, span);
  }

  function grow() {
    grown.parentNode.hidden = !k;
    if (!k || (grownFrom === k && grownIn === view.width)) return;
    if (grownIn !== view.width) [grownIn, wide] = [view.width, drawing.parentNode.clientWidth];
    grownFrom = k;
    const root = { ...tokenTree(facts, BYTES + k - 1), root: true };
    grown.replaceChildren("How ", tokenSpan(root.token, {}, 24), " grew");
    drawing.setAttribute("aria-label", `The tree of merges that made ${tokenText(root.token)}`);
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
  }

  return {
    draw() {
      arrive();
      const h = view.header;
      tokens = cutAt(facts.gone, k);
      const sentence = mergeSentence(facts, k, tokens.length), bytes = facts.gone.length;
      track.show(facts, k, sentence);
      text.show(k, tokens);
      text.node.setAttribute("aria-label", `The text, cut into ${count(tokens.length)} tokens`);
      title.textContent = h.characters > h.shown ? `The text, first ${count(h.shown)} of ${count(h.characters)} characters` : "The text";
      const absent = k && !tokens.some(([, , made]) => made) ? "; this merge joins nothing in it" : "";
      facts_.textContent = `${count(bytes)} bytes, ${count(tokens.length)} tokens, ${(bytes / Math.max(1, tokens.length)).toFixed(2)} bytes per token${absent}`;
      table.show(facts, k);
      grow();
      maths.show(facts, k);
      shapes.show(view, facts, k);
      twin.show(view, facts, k, tokens);
      ended.hidden = facts.K >= h.asked;
      ended.textContent = facts.K
        ? `${count(facts.K)} of the ${count(h.asked)} merges asked for: after these no pair occurs twice.` : "No pair of neighbours occurs twice in this text, so there is nothing to join.";
      play.textContent = plays.playing() ? "Pause" : "Play";
      play.disabled = !facts.K;
      play.setAttribute("aria-label", plays.playing() ? "Pause the merges" : "Play the merges");
      speed.textContent = `${plays.speed()}/s`;
      speed.setAttribute("aria-label", `Speed: ${plays.speed()} merges a second; change`);
    },
    destroy() { plays.stop(); clearTimeout(timer); },
    csv: () => mergeRows(view, facts, k, tokens),
    name: () => `merges-${k}`,
  };
});
