// One word: for each tokenizer the tree of its merges, and under it the order they were made in.

export default picture(view => {
  const said = el("p", { class: "sr" }), row = el("div", { class: "panels" });
  view.root.append(said, row);
  let drawn = "";

  const grown = node => ({ ...node, label: node.merge ? `merge ${count(node.merge)}` : "", parts: node.parts.map(grown) });

  function panel(one) {
    const head = el("div", { class: "head" }, el("h2", { text: one.name }), el("span", { class: "sub", text: one.said }));
    if (one.error) return { node: el("section", {}, head, el("p", { class: "note", text: one.error })) };
    const drawing = svg("svg", { role: "img", class: "forest", "aria-label": sentenceOf(one) });
    const roots = one.tokens.map(node => ({ ...grown(node), root: true }));
    const said = token => tokenSpan(token, { class: "chip" });
    const steps = one.steps.map(({ left, right, joined, merge }, i) => el("li", {}, el("span", { class: "num nth", text: `${i + 1}` }),
      said(left), " + ", said(right), " → ", said(joined), el("span", { class: "sub num", text: `merge ${count(merge)}` })));
    const order = el("ol", { class: "steps" }, steps);
    const body = el("div", { class: "trees", tabindex: 0, role: "group", "aria-label": `Merge tree, ${one.name}` }, drawing);
    return { node: el("section", {}, head, body, order), draw: () => {
      const leaves = roots.reduce((sum, root) => sum + leavesOf(root), 0);
      drawForest(drawing, roots, Math.max(body.clientWidth, leaves * 26), 58);
    } };
  }

  return {
    draw() {
      const now = `${JSON.stringify(view.header)} ${view.width}`;
      if (now === drawn) return;
      drawn = now;
      const panels = view.header.panels.map(panel);
      row.replaceChildren(...panels.map(one => one.node));
      panels.forEach(one => one.draw?.());
      said.textContent = view.header.panels.map(one => `${one.name}: ${one.error ?? sentenceOf(one)}`).join(" ");
    },
    csv: () => [["tokenizer", "step", "left", "right", "joined", "merge"], ...view.header.panels.flatMap(one => (one.steps ?? []).map(
      ({ left, right, joined, merge }, i) => [one.name, i + 1, tokenText(left), tokenText(right), tokenText(joined), merge]))],
    name: () => "word",
  };
});

const sentenceOf = one => `${one.tokens.map(node => tokenText(node.token)).join(", ")}: ${one.said}.`;
