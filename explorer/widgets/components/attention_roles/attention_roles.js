// What each role score of the head in focus is, by its formula, and how high it is: on random tokens said twice, and on this prompt.

/** Weight A from query t to key j; x_t the token at t. The words and signs of the roles are those of the wall (attention/data.js). */
const DEFINED = {
  previous: ["mean_{t ≥ 1} A_{t, t−1}", "mean weight on the token just before"],
  induction: ["mean_t Σ A_{t, s+1}  over s < t − 1 with x_s = x_t",
    "mean weight on the token after an earlier copy of the current one (Olsson et al. 2022)"],
  duplicate: ["mean_t Σ A_{t, s}  over s < t with x_s = x_t", "mean weight on earlier copies of the current token (Wang et al. 2022)"],
  first: ["mean_{t ≥ 1} A_{t, 0}", "mean weight on the first token, where heads rest: an attention sink (Xiao et al. 2023)"],
  itself: ["mean_{t ≥ 1} A_{t, t}", "mean weight on the current token itself"],
  nearby: ["mean_{t ≥ 8} Σ A_{t, s}  over t − 3 ≤ s ≤ t", "mean weight on the current token and the three before it"],
  even: ["mean_{t ≥ 1} H(A_t) / ln(t + 1)", "entropy of a row over that of equal weights: 1 is all alike"],
};

export default picture(view => {
  const title = el("h2"), said = el("span", { class: "sub" }), list = el("div", { class: "roles", role: "table" });
  const rule = el("p", { class: "note" }), measured = el("p", { class: "sub" });
  const legend = el("p", { class: "sub keys" }, el("i", { class: "swatch standing" }), " random tokens said twice ",
    el("i", { class: "swatch here" }), " this prompt ", el("i", { class: "swatch clear" }), " clear from here on");
  view.root.append(el("div", { class: "row" }, title, said), legend, list, rule, measured);
  const at = () => { const [, , H] = view.arrays.standing.shape; return view.focus.layer * H + view.focus.head; };
  const score = (basis, n) => { const { shape } = view.arrays[basis]; return view.arrays[basis][n * shape[1] * shape[2] + at()]; };
  const cell = (attributes, ...children) => el("div", { role: "cell", ...attributes }, ...children);

  function line(name, n, chosen) {
    const { header } = view, usual = header.standing ? score("standing", n) : NaN, here = score("here", n), role = ROLES[name];
    const least = name === "even" ? header.even : header.clear[name];
    const width = x => `${(100 * Math.max(0, Math.min(1, x || 0))).toFixed(2)}%`;
    const sign = svg("svg", { width: 12, height: 12, "aria-hidden": "true" }, roleSign(name, { style: { stroke: "currentColor" } }));
    const [maths, meaning] = DEFINED[name], bar = (basis, x) => el("span", { class: `fill ${basis}`, style: { width: width(x) } });
    const show = x => orDash(x, value => weight(value));
    return el("div", { class: name === chosen ? "role on" : "role", role: "row" },
      cell({ class: "name" }, sign, el("span", { text: role.title })),
      cell({ class: "means" }, formula(maths), el("span", { class: "sub", text: meaning })),
      cell({ class: "bars", "aria-hidden": "true" }, el("span", { class: "track" }, bar("standing", usual)),
        el("span", { class: "track" }, bar("here", here)), el("span", { class: "least", style: { left: width(least) } })),
      cell({ class: "num" }, el("b", { text: show(usual) }), el("span", { class: "of", text: " random tokens" }), el("br"),
        el("span", { text: show(here) }), el("span", { class: "of", text: " this prompt" })));
  }

  return {
    draw() {
      const { header, focus } = view, basis = header.standing ? "standing" : "here", chosen = header.words[basis][at()];
      title.textContent = "Its role, and how the score is defined";
      said.textContent = `block ${focus.layer} · head ${focus.head}: ${chosen === "mixed" ? "mixed" : ROLES[chosen].title}`;
      list.replaceChildren(...SCORED.map((name, n) => line(name, n, chosen)));
      rule.textContent = "A head is named by its highest clear score; previous-token and same-position must hold half of what is near; "
        + "first-token and nearby name it only where nothing else is clear. With none clear it is even, from an evenness of "
        + `${weight(header.even)}, or mixed. Not shown: what the head writes. Two heads that look alike may move different things.`;
      const where = header.standing ? `Random tokens: ${header.standing}` : "The context has no room to measure it on random tokens.";
      measured.textContent = `${where} A dash: the text is too short, or nothing in it repeats.`;
    },
    name: () => `attention-roles-block${view.focus.layer}-head${view.focus.head}`,
    csv: () => [["role", "definition", "clear_from", "random_tokens", "this_prompt"], ...SCORED.map((name, n) =>
      [ROLES[name].title, DEFINED[name][0], name === "even" ? view.header.even : view.header.clear[name],
        view.header.standing ? score("standing", n) : NaN, score("here", n)])],
  };
});
