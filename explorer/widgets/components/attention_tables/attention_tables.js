// What a head copies from each token that it looks at (OV), and what it looks for (QK): lists of tokens.

export default picture(view => {
  const title = el("h2"), sub = el("span", { class: "sub" }), list = el("div", { class: "list" }), rest = el("p", { class: "sub" });
  const hint = el("p", { class: "note" }), twin = tablesTwin(view), wait = el("p", { class: "note", text: "…" });
  const heads = (...texts) => el("div", { class: "entry head sub" }, texts.map(text => el("span", { text })));
  const who = n => el("span", { class: "who" }, el("small", { class: "num", text: `${n}` }),
    tokenSpan(view.header.tokens[n], { class: "token" }, 14));
  const whole = wholeVocabulary(view, { who, heads });
  const body = el("div", {}, list, rest, hint, whole.node, twin.node, twin.live);
  view.root.append(el("div", { class: "row" }, title, sub), wait, body);

  function copies({ j, w }) {
    const { arrays, focus, header: { n_vocab } } = view, over = arrays.divisor[focus.token];
    const bar = el("span", { class: "track" }, el("span", { class: "fill", style: { width: `${(100 * w).toFixed(1)}%` } }));
    return el("div", { class: "entry" }, who(j), el("span", { class: "weight" }, bar, el("span", { class: "num", text: weight(w) })),
      el("div", {}, tokenLine(view, entries(view, "here_up", j, over)),
        tokenLine(view, entries(view, "here_down", j, over), { word: "against", most: 3 })),
      el("span", { class: "own" }, el("span", { class: "num", text: signed(arrays.here_itself[j] / over, 2, true) }),
        el("span", { class: "sub", text: place(arrays.here_rank[j], n_vocab) })));
  }

  return {
    draw() {
      const { header: { of, tokens, post_norm: post }, focus } = view, keys = keysOf(view);
      const fresh = keys && of.layer === focus.layer && of.head === focus.head;
      title.textContent = "What it copies";
      sub.replaceChildren("from the tokens that query ", tokenSpan(tokens[focus.token], {}, 12), " looks at");
      wait.hidden = Boolean(fresh);
      body.hidden = !fresh;
      if (!fresh) return;
      list.replaceChildren(heads("key", "weight", "with all attention on it: added to the logits of", "of itself"),
        ...keys.slice(0, SHOWN).map(copies));
      const others = keys.slice(SHOWN), left = pct(others.reduce((sum, { w }) => sum + w, 0));
      rest.textContent = `${plural(others.length, "other key")} with ${left} of the weight; the table and the CSV have all.`;
      rest.hidden = !others.length;
      const normed = " This model norms the stream after every addition, which this leaves out: take the order, not the size.";
      hint.textContent = "Each token’s value as it is on this prompt, through the head’s output matrix, the final norm’s gain and "
        + "the unembedding, divided as at this query. Times its weight it is what the head itself adds to a logit. Not shown: what later "
        + `blocks make of it.${post ? normed : ""}`;
      whole.update(keys);
      twin.update(keys);
    },
    name: () => `attention-copies-block${view.focus.layer}-head${view.focus.head}`,
    csv() {
      const { header: { tokens, words, whole: open }, arrays, focus } = view, over = arrays.divisor[focus.token];
      const rows = [["table", "token", "text", "rank", "other", "other_text", "by"]];
      const add = (table, name, scale) => tokens.forEach((one, n) => entries(view, name, n, scale).forEach(({ id, by }, k) =>
        rows.push([table, n, tokenText(one), k + 1, id, tokenText(words[id]), by])));
      add("here_for", "here_up", over);
      add("here_against", "here_down", over);
      if (open) for (const [table, name] of [["alone_looks_for", "keys"], ["alone_for", "alone_up"], ["alone_against", "alone_down"]])
        add(table, name, 1);
      return rows;
    },
  };
});
