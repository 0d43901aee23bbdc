// Home, part 7: the distribution after the token in focus, the fan that leads to it, the legend, and the numbers as CSV.

function flowList(view, card) {
  const title = el("h2"), list = el("ol", { class: "next" }), foot = el("div", { class: "told" });
  const node = el("div", { class: "list" }, title, list, foot);
  return {
    node,
    update(data, focus) {
      title.textContent = view.turned ? (focus.token === data.T - 1 ? "Next token" : `After token ${focus.token}`) : "";
      const i = focus.token, rows = data.next(i), last = i === data.T - 1, told = data.told(i), cards = flowCards(view, data);
      const bar = (p, other) => el("span", { class: "track" },
        el("span", { class: other ? "fill rest" : "fill", style: { width: `${Math.max(p > 0 ? 0.7 : 0, p * 100).toFixed(2)}%` } }));
      const items = rows.map(({ id, p, token }, k) => {
        const came = told && tokenText(told.token) === tokenText(token) && Math.abs(told.p - p) < 1e-6;
        const word = el("button", { type: "button", class: "word",
          disabled: !last || data.T >= data.header.n_ctx || !data.header.joins.includes(id),
          title: last ? "Write this token behind the prompt" : undefined,
          "aria-label": `${tokenText(token)}, ${pct(p)}`, on: { click: () => view.send("append", id) } },
          token.kind === "special" ? chip(token) : tokenSpan(token, {}, 14),
          came ? el("span", { class: "came", text: "in the text" }) : null);
        const item = el("li", {}, word, el("span", { class: "p num", text: pct(p) }), bar(p));
        card.on(item, () => cards.next({ i, k }));
        card.on(word, () => cards.next({ i, k }));
        return item;
      });
      if (data.nRest) items.push(el("li", { class: "others" },
        el("span", { text: `${count(data.nRest)} other${data.nRest > 1 ? "s" : ""}` }),
        el("span", { class: "p num", text: pct(data.rest(i)) }), bar(data.rest(i), true)));
      const widths = [...list.querySelectorAll(".fill")].map(fill => fill.style.width);
      list.replaceChildren(...items);
      if (!view.still && widths.length === items.length) grow(list, widths);
      const { lens } = data.header.pages, first = rows[0].token;
      const why = lens && el("a", { class: "why", href: pageLink(lens, focus), "aria-label": `Why ${tokenText(first)}? Open the Logit lens`,
        on: { click: event => follow(view, event, "lens") } }, "Why ", tokenSpan(first, {}, 12), "?");
      const text = told && told.rank > rows.length
        && el("div", {}, "In the text: ", tokenSpan(told.token, {}, 12), ` ${pct(told.p)}, the ${ordinal(told.rank)}`);
      foot.replaceChildren(...[why, text].filter(Boolean));
    },
  };
}

/** Bars move from the widths they had to the new ones. */
function grow(list, widths) {
  const fills = [...list.querySelectorAll(".fill")], wanted = fills.map(fill => fill.style.width);
  fills.forEach((fill, n) => { fill.style.width = widths[n]; });
  requestAnimationFrame(() => fills.forEach((fill, n) => { fill.style.width = wanted[n]; }));
}

/** From the end of a ribbon, flat, to the list: the one shape whose width is no value. */
function fanPath(x0, v, half, x1, top, bottom) {
  const over = `M${x0} ${v - half}C${x0 + 26} ${v - half} ${x1 - 28} ${top} ${x1} ${top}`;
  return `${over}V${bottom}C${x1 - 18} ${bottom} ${x0 + 26} ${v + half} ${x0} ${v + half}Z`;
}

function flowLegend(view) {
  const node = el("div", { class: "legend" });
  return {
    node,
    update(data) {
      const key = (role, words, high = 3) => el("span", { class: "key" },
        svg("svg", { width: 14, height: 6 },
          svg("rect", { width: 14, height: high, y: (6 - high) / 2, style: { fill: `var(--${role})` } })), words);
      const [stream, head] = [data.limits.stream, data.limits.head].map(x => signed(x, x < 1 ? 2 : 1));
      const title = `Strips: ${data.nStream} of ${count(data.C)} numbers of a vector of the stream, ${data.nHead} of ${data.D} `
        + "of a query, key or value. The scale ends at the 99th percentile of their size.";
      const ramp = el("span", { class: "key scale", title },
        el("span", { class: "num", text: `−${stream}` }),
        svg("svg", { width: 33, height: 8 },
          Array.from({ length: 11 }, (_, n) => svg("rect", { x: n * 3, width: 3.2, height: 8, style: { fill: view.div(n / 5 - 1, 1) } }))),
        el("span", { class: "num", text: `+${stream}` }), view.turned ? null : el("span", { class: "num", text: `q k v ±${head}` }));
      const position = data.additive ? [key("pos", "position")] : data.rope ? [key("pos", "position")] : [];
      const inside = view.turned ? [] : [key("q", "query"), key("k", "key"), key("v", "value")];
      node.replaceChildren(key("emb", "embedding"), ...(view.turned && data.rope ? [] : position), ...inside, key("attn", "attention"),
        ...(data.hasMlp ? [key("mlp", "MLP")] : []),
        key("resid", "residual stream, height = length", 6), key("prob", "probability"), ramp);
    },
  };
}

/** Rows of what is drawn: strips, ribbons, arcs, bars, the list. */
function flowRows(view, data) {
  const { focus } = view, rows = [["mark", "block", "head", "token", "text", "of", "value", "hook"]], i = focus.token;
  const add = (mark, l, h, at, of, value, hook) => rows.push([mark, l, h, at, data.text(at), of, value, hook]);
  for (let t = 0; t < data.T; t++) {
    data.embed(t).forEach((x, n) => add("embedding", "", "", t, n, x, "hook_embed"));
    if (data.additive) data.position(t).forEach((x, n) => add("position", "", "", t, n, x, "hook_pos_embed"));
    for (let l = 0; l < data.L; l++) {
      const h = data.chosen(l, focus), open = l === focus.layer, at = `blocks.${l}.`;
      add("length of the stream", l, "", t, "", data.entering(l, t), `${at}hook_resid_pre`);
      add("length of what attention adds", l, "", t, "", data.attention(l, t), `${at}hook_attn_out`);
      if (data.hasMlp) add("length of what the MLP adds", l, "", t, "", data.mlp(l, t), `${at}hook_mlp_out`);
      if (data.has(l, h)) for (const { j, w } of data.sources(l, h, t, open ? 0 : data.arc))
        add("attention weight", l, h, t, j, w, `${at}attn.hook_pattern`);
      if (!open || !data.whole(l) || view.turned) continue;
      for (const name of ["q", "k", "v"])
        data.qkv(name, l, h, t).forEach((x, n) => add(name, l, name === "q" ? h : data.group(h), t, n, x, `${at}attn.hook_${name}`));
      if (data.hasMlp) for (const { m } of data.neurons(l, i)) add("neuron", l, "", t, m, data.post(l, t, m), `${at}mlp.hook_post`);
    }
    add("divisor of the final norm", "", "", t, "", data.divisor(t), "ln_final.hook_scale");
  }
  for (const { token, p } of data.next(i)) add("next token", "", "", i, tokenText(token), p, "logits");
  if (data.nRest) add("next token", "", "", i, `${data.nRest} others`, data.rest(i), "logits");
  return rows;
}
