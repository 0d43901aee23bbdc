// Patching, part 8: what it is and what it is not, the picture in words, its twin as a table, and rows for a spreadsheet.

const IDEA = "Two prompts that differ in a word give two answers. If putting one vector of the clean run into the corrupted one brings the "
  + "clean answer back, that vector carries what made the difference.";
const CAVEAT = "Not shown: how it is with other prompts; two say nothing of the rest. A part that brings the answer back (denoise) is "
  + "enough for it here; one whose loss breaks it (noise, zero) is needed here, and another may stand in for it (Wang et al. 2022). "
  + "A run with a vector from elsewhere can be one that the model never meets.";

function patchNotes(view) {
  const idea = el("p", { class: "note", text: IDEA }), caveat = el("p", { class: "note quiet", text: CAVEAT });
  const node = el("section", { class: "notes" }, idea, caveat);
  return { node, update() { idea.hidden = view.header.depth !== "idea"; } };
}

/** All cells in the order of the payload. */
function allCells(facts) {
  const out = [];
  const layers = Array.from({ length: facts.L }, (_, layer) => layer);
  for (const kind of facts.kinds) for (const layer of layers)
    for (let at = 0; at < facts.T; at++) out.push({ kind, layer, head: null, at });
  for (const layer of layers) for (let head = 0; head < facts.H; head++) out.push({ kind: "head", layer, head, at: null });
  return out;
}

/** The strongest of each kind in a few sentences. */
function patchInWords(view, facts) {
  const name = token => `“${tokenText(token, 24)}”`, { way } = view.header;
  const said = [`The clean run gives ${name(facts.right)} ${pct(facts.prob(0, 0))}, `
    + `the corrupted one ${name(facts.wrong)} ${pct(facts.prob(1, 1))}; `
    + `their logits differ by ${signed(facts.clean)} and ${signed(facts.corrupted)}.`];
  if (facts.swept) for (const kind of [...facts.kinds, "head"]) {
    const best = allCells(facts).filter(cell => cell.kind === kind).map(cell => [facts.at(cell), cell])
      .reduce((a, b) => (Math.abs(facts.shade(b[0])) > Math.abs(facts.shade(a[0])) ? b : a));
    said.push(`${way === "denoise" ? "Put in" : "Changed"}, ${partWords(best[1])} leads to a share of ${signed(facts.share(best[0]))}.`);
  }
  return said.join(" ");
}

function patchTwin(view) {
  const said = el("p", { class: "note" }), table = el("table"), live = el("p", { class: "sr", "aria-live": "polite" });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of the strongest patches" }, table);
  const rest = el("p", { class: "sub" });
  let facts = null;
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }), said, scroll, rest);
  function fillIn() {
    if (!node.open || !facts?.swept) return;
    const strength = ([k]) => Math.abs(facts.shade(k));
    const cells = allCells(facts).map(cell => [facts.at(cell), cell]).sort((a, b) => strength(b) - strength(a));
    const heads = ["part", "share", "logit difference", "clean answer", "corrupted answer", "most likely"];
    const row = ([k, cell]) => el("tr", {}, el("th", { scope: "row", text: partWords(cell) }),
      [signed(facts.share(k), 3), signed(facts.difference(k), 3), pct(facts.after(k, 0)), pct(facts.after(k, 1))]
        .map(text => el("td", { text })),
      el("td", {}, tokenSpan(facts.top(k, 0)[0], {}, 16)));
    const top = el("tr", {}, heads.map(text => el("th", { scope: "col", text })));
    table.replaceChildren(el("caption", { text: "The strongest patches" }), top, ...cells.slice(0, 40).map(row));
    rest.textContent = cells.length > 40 ? `The 40 strongest of ${count(cells.length)}; the CSV above holds all of them.` : "";
  }
  return {
    node, live,
    update(made) {
      facts = made;
      const text = patchInWords(view, facts);
      said.textContent = text;
      if (live.textContent !== text) live.textContent = text;
      fillIn();
    },
  };
}

/** Rows of every cell that is drawn. */
function patchRows(view, facts) {
  const { way, tokens, corrupted } = view.header;
  const out = [["way", "part", "hook", "layer", "head", "token", "clean_text", "corrupted_text", "share", "logit_difference",
    "clean_answer_probability", "corrupted_answer_probability", "top", "top_probability"]];
  if (facts.swept) for (const cell of allCells(facts)) {
    const k = facts.at(cell), at = cell.at, [top, p] = facts.top(k, 0);
    const texts = at === null ? ["", ""] : [tokenText(tokens[at]), tokenText(corrupted[at])];
    out.push([way, partWords(cell), hookWord(cell), cell.layer, cell.head ?? "", at ?? "", ...texts,
      facts.share(k), facts.difference(k), facts.after(k, 0), facts.after(k, 1), tokenText(top), p]);
  }
  return out;
}
