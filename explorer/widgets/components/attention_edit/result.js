// Edit a row, part 2: what the second pass says of the next token, and of every later one.

const MOST = 8, STRIP = 46;

/** The likely tokens after the query, as it is and with the row as written. */
function nextTokens(view) {
  const node = el("div", { class: "next" });
  return {
    node,
    update() {
      const { header: { words, answer }, arrays: { ids, logit, prob } } = view, n = ids.length;
      const by = Array.from(ids, (id, k) => ({ id, k, was: prob[k], now: prob[n + k], moved: logit[n + k] - logit[k] }))
        .sort((a, b) => Math.max(b.was, b.now) - Math.max(a.was, a.now)).slice(0, MOST);
      const rest = side => 1 - by.reduce((sum, one) => sum + one[side], 0);
      const bar = (side, p) => el("span", { class: side, style: { width: `${100 * p}%` } });
      const number = (text, attributes = {}) => el("span", { class: "num", text, ...attributes });
      const line = ({ id, k, was, now, moved }) => el("div", { class: id === answer[1] ? "one on" : "one" },
        tokenSpan(words[id], { class: "token" }, 12), el("span", { class: "bars" }, bar("was", was), bar("now", now)),
        number(pct(was), { class: "num sub" }), number(pct(now)),
        number(signed(moved, 2, true), { title: `logit ${signed(logit[k])} to ${signed(logit[n + k])}` }));
      const heads = ["next token", "", "as it is", "edited", "Δ logit"].map(text => el("span", { text }));
      node.replaceChildren(el("div", { class: "one head sub" }, heads), ...by.map(line),
        el("div", { class: "one sub" }, el("span", { text: "all others" }), el("span"), number(pct(rest("was"))), number(pct(rest("now"))),
          el("span")));
    },
  };
}

/** How far every later token's prediction moves: KL in nats. */
function laterTokens(view, card) {
  const title = el("p", { class: "sub" }), drawing = svg("svg", { role: "img" }), node = el("div", { class: "later" }, title, drawing);
  return {
    node,
    update(width) {
      const { header: { tokens, of }, arrays: { kl } } = view, from = of.token;
      const some = Array.from(kl).slice(from), most = Math.max(...some, 1e-9);
      node.hidden = some.length < 2 || !Object.keys(view.header.edits).length;
      const c = Math.min(40, width / some.length);
      title.textContent = "How far the prediction moves after this token and every later one: KL, "
        + `up to ${signed(Math.max(...some), most < 0.01 ? 4 : 2)} nats`;
      const label = `KL in nats: ${some.map(x => signed(x, 3)).slice(0, 40).join(", ")}`;
      fill(drawing, { width: c * some.length, height: STRIP + 2, "aria-label": label }, []);
      drawing.replaceChildren(svg("line", { x1: 0, x2: c * some.length, y1: STRIP, y2: STRIP, style: { stroke: "var(--axis)" } }),
        ...some.map((x, n) => {
          const high = (x / most) * (STRIP - 4);
          const column = svg("g", {}, svg("rect", { x: n * c, y: 0, width: c, height: STRIP, fill: "transparent" }),
            svg("rect", { x: n * c + 1, y: STRIP - high, width: Math.max(0.8, c - 3), height: high, style: { fill: "var(--prob)" } }));
          return card.on(column, () => ({ value: `${signed(x, 4)} nats`, place: tokenSpan(tokens[from + n], {}, 9),
            what: `KL between the two predictions after token ${from + n}` }));
        }));
    },
  };
}
