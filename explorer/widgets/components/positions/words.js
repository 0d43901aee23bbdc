// Position lab, part 5: each scheme in a sentence, the sum behind one score, a table and rows for a spreadsheet.

const SCHEMES = {
  rope: [
    "RoPE",
    "turns pairs of numbers in query and key by an angle that grows with position, so that their score depends on how far apart they stand."
  ],
  learned: ["Learned", "adds to each token a vector trained for its position."],
  sinusoidal: ["Sinusoidal", "adds to each token a fixed vector of sines and cosines of its position."],
  alibi: ["ALiBi", "lowers each score in proportion to distance, each head at a slope of its own."],
  none: [
    "None",
    "This model is told no positions: the causal mask alone lets later tokens see more than earlier ones (Haviv et al. 2022)."
  ]
};
const UNTRAINED = "Only a model trained with them has such vectors; this one was not, so there is nothing true to show.";

function labMaths(view) {
  const lines = el("div"),
    where = el("p", { class: "sub" }),
    node = el("section", { class: "maths" }, el("h2", { text: "One score, worked out" }), lines, where);
  const inline = text => [...formula(text).childNodes],
    bold = value => el("b", { class: "num", text: signed(value, 3) });
  return {
    node,
    update(facts, key) {
      const { own, at, d_head: D } = view.header,
        i = facts.t - 1,
        d = facts.distance(key),
        plain = signed(facts.plain(key), 3),
        out = [];
      if (own === "rope") {
        const parts = facts.parts(key),
          first = Array.from(parts.slice(0, 3), (v, n) => (!n ? signed(v, 3) : v < 0 ? `− ${signed(-v, 3)}` : `+ ${signed(v, 3)}`)).join(
            " "
          );
        out.push(
          el(
            "div",
            { class: "formula" },
            ...inline(`(R_${i} {q:q}) · (R_${key} {k:k}) / √${D} = ${first} ${parts.length > 3 ? "+ …" : ""} = `),
            bold(facts.rope(key))
          ),
          el("div", { class: "formula" }, ...inline(`{q:q} · {k:k} / √${D} = ${plain} without the turn of ${d} × θ_i`))
        );
      } else if (own === "alibi") {
        out.push(
          el(
            "div",
            { class: "formula" },
            ...inline(`{q:q}_{${i}} · {k:k}_{${key}} / √${D} − m (i − j) = `),
            ...inline(`${plain} − ${signed(facts.slopes[at.head], 4)} × ${d} = `),
            bold(facts.score(key))
          )
        );
      } else out.push(el("div", { class: "formula" }, ...inline(`{q:q}_{${i}} · {k:k}_{${key}} / √${D} = `), bold(facts.score(key))));
      lines.replaceChildren(...out);
      where.textContent =
        `blocks.${at.layer}.attn.hook_attn_scores [0, ${at.head}, ${i}, ${key}] = ${signed(facts.score(key), 3)}, the model’s own`
        + (own === "rope" ? "; a term for each pair of dimensions" : "");
    }
  };
}

function labTwin(view) {
  const said = el("p", { class: "note" }),
    table = el("table"),
    live = el("p", { class: "sr", "aria-live": "polite" });
  const node = el(
    "details",
    { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }),
    said,
    el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of the keys" }, table)
  );
  let facts = null;
  const cell = v => (Number.isFinite(v) ? signed(v, 4) : "—");
  function fillIn() {
    if (!node.open || !facts) return;
    const heads = ["key", "tokens apart", "model’s score", "q·k alone", "with RoPE", "with ALiBi"];
    const row = j =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, tokenSpan(facts.token(j), {}, 16)),
        [
          `${facts.distance(j)}`,
          cell(facts.score(j)),
          cell(facts.plain(j)),
          cell(facts.rope(j)),
          cell(facts.plain(j) + facts.bias(j))
        ].map(text => el("td", { text }))
      );
    table.replaceChildren(
      el("caption", { text: `Scores of the query of token ${facts.t - 1}` }),
      el(
        "tr",
        {},
        heads.map(text => el("th", { scope: "col", text }))
      ),
      ...Array.from({ length: facts.t }, (_, j) => row(j))
    );
  }
  return {
    node,
    live,
    update(made, key) {
      facts = made;
      const { at } = view.header,
        text =
          `${SCHEMES[facts.own][0]} positions. Block ${at.layer}, head ${at.head}: `
          + `the query of “${tokenText(facts.token(facts.t - 1))}” `
          + `and the key of “${tokenText(facts.token(key))}”, `
          + `${plural(facts.distance(key), "token")} apart, score ${signed(facts.score(key))}; `
          + `their product alone is ${signed(facts.plain(key))}.`;
      said.textContent = text;
      if (live.textContent !== text) live.textContent = text;
      fillIn();
    }
  };
}

function labRows(view, facts) {
  const head = [
    "of",
    "key_or_distance",
    "text",
    "tokens_apart",
    "model_score",
    "q_k_alone",
    "with_rope",
    "with_alibi",
    "cosine_sinusoidal",
    "cosine_learned"
  ];
  const keys = Array.from({ length: facts.t }, (_, j) => [
    "key",
    j,
    tokenText(facts.token(j)),
    facts.distance(j),
    facts.score(j),
    facts.plain(j),
    facts.rope(j),
    facts.plain(j) + facts.bias(j),
    "",
    ""
  ]);
  const { sinusoidal_cosine: waves, learned_cosine: learned } = view.arrays,
    n = Math.max(waves?.length ?? 0, learned?.length ?? 0);
  const apart = Array.from({ length: n }, (_, d) => [
    "distance",
    d,
    "",
    d,
    "",
    "",
    "",
    "",
    waves ? waves[d] : "",
    learned ? learned[d] : ""
  ]);
  return [head, ...keys, ...apart];
}
