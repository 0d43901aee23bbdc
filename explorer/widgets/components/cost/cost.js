// Cost: the same text by vocabularies of growing size. The width of the model is a slider here: nothing is asked anew.

export default picture(view => {
  const slide = el("input", { type: "range", min: 0, step: 1, "aria-label": "Width of the model",
    on: { input: () => { at = Number(slide.value); view.redraw(); } } });
  const shown = el("span", { class: "num value" }), said = el("p", { class: "sr", role: "status" });
  const table = el("div", { class: "costs", role: "table", "aria-label": "What a vocabulary costs" }), note = el("p", { class: "sub" });
  view.root.append(el("div", { class: "width" }, el("span", { text: "Width of the model" }), shown, slide), table, note, said);
  const names = ["Vocabulary", "Tokens of the text", "", "Bytes a token", "Embedding", "Share of the model", "Share"];
  const head = el("div", { class: "line head", role: "row" },
    names.map((text, i) => el("span", { role: "columnheader", class: `c${i}`, text })));
  let header, at, lines = [];

  function receive() {
    ({ header } = view);
    slide.max = header.widths.length - 1;
    at = Math.min(at ?? header.start, header.widths.length - 1);
    slide.value = at;
    const most = Math.max(...header.tokens, 1);
    lines = header.n_vocab.map((n, i) => {
      const embedding = el("span", { class: "c4 num", role: "cell" }), bar = el("i"), share = el("span", { class: "c6 num", role: "cell" });
      const cells = [el("span", { class: "c0 num", role: "cell", text: count(n) }),
        el("span", { class: "c1 part", role: "presentation" }, el("i", { style: { width: `${(100 * header.tokens[i]) / most}%` } })),
        el("span", { class: "c2 num", role: "cell", text: count(header.tokens[i]) }),
        el("span", { class: "c3 num", role: "cell", text: header.tokens[i] ? (header.n_bytes / header.tokens[i]).toFixed(2) : "0" }),
        embedding, el("span", { class: "c5 part", role: "presentation" }, bar), share];
      return { node: el("div", { class: "line", role: "row" }, cells), embedding, bar, share };
    });
    table.replaceChildren(head, ...lines.map(({ node }) => node));
    note.textContent = header.note;
  }

  const cell = (name, i) => view.arrays[name][at * header.n_vocab.length + i];

  return {
    draw() {
      if (header !== view.header) receive();
      shown.textContent = count(header.widths[at]);
      slide.setAttribute("aria-valuetext", shown.textContent);
      slide.style.setProperty("--at", at / Math.max(1, header.widths.length - 1));
      lines.forEach(({ embedding, bar, share }, i) => {
        const part = cell("tables", i) / cell("whole", i);
        embedding.textContent = count(cell("tables", i));
        bar.style.width = `${100 * part}%`;
        share.textContent = pct(part);
      });
      const last = lines.length - 1;
      const share = pct(cell("tables", last) / cell("whole", last));
      said.textContent = `At width ${count(header.widths[at])}, ${plural(header.n_vocab[last], "token")} take ${share} of the model.`;
    },
    name: () => "vocabulary-cost",
    csv: () => [["vocabulary", "tokens", "bytes_per_token", "width", "embedding_parameters", "model_parameters"],
      ...header.n_vocab.map((n, i) => [n, header.tokens[i], header.tokens[i] ? header.n_bytes / header.tokens[i] : 0, header.widths[at],
        cell("tables", i), cell("whole", i)])],
  };
});
