// Residual stream, part 5: a second forward pass in which one norm does not do its work, beside the first.

const WAYS = { bypass: "Bypass it", mean: "Mean divisor", token: "One token’s divisor" }, BARS = 84;

/** state: {how, like}; `change()` after one of them; `pick(t)` on click on a token. */
function normTrial(view, state, { change, pick, card }) {
  const title = el("h2"), said = el("p", { class: "note" }), lists = el("div", { class: "lists" }), rule = el("p", { class: "sub" });
  const button = (text, key) => el("button", { type: "button", text, on: { click: () => { state.how = key; change(); } } });
  const ways = Object.entries(WAYS).map(([key, text]) => [key, button(text, key)]);
  const like = menu("that of", [["0", ""]], "0", value => { state.like = value; change(); });
  const seg = el("div", { class: "seg", role: "group", "aria-label": "What the norm does instead" }, ways.map(([, made]) => made));
  const drawing = svg("svg", { role: "img" }), sub = el("p", { class: "sub" });
  const node = el("section", { class: "trial" }, title, el("div", { class: "controls" }, seg, like.node), said,
    el("div", { class: "two" }, lists, el("div", {}, sub, drawing)), rule);
  let facts = null, geometry = null;

  const at = event => {
    const t = Math.floor((event.clientX - drawing.getBoundingClientRect().left) / geometry.c);
    return t >= 0 && t < facts.T ? t : null;
  };
  drawing.onpointermove = event => {
    const t = at(event);
    if (t === null) return card.hide();
    const { answer, before, after, trial_kl: kl } = view.arrays, box = drawing.getBoundingClientRect(), x = box.left + t * geometry.c;
    const list = el("span", {}, "of ", tokenSpan(view.header.words[answer[t]], {}, 16));
    card.show({ value: `${pct(before[t])} → ${pct(after[t])}`, place: tokenSpan(view.header.tokens[t], {}, 8), list,
      what: "probability as it is, and in the second pass", shape: `KL between the two ${signed(kl[t])} nats` },
    { left: x, right: x + geometry.c, top: box.top, bottom: box.bottom });
  };
  drawing.onpointerleave = () => card.hide();
  drawing.onclick = event => { const t = at(event); if (t !== null) pick(t); };

  function list(name, i, answer) {
    const { top, top_prob: p } = view.arrays, n = top.shape[1];
    const line = (_, k) => {
      const id = top[i * n + k], prob = p[i * n + k];
      const bar = el("span", { class: i ? "now" : "was", style: { width: `${Math.max(0.5, prob * 100)}%` } });
      const track = el("span", { class: "track" }, bar);
      return el("div", { class: id === answer ? "line on" : "line" }, tokenSpan(view.header.words[id], {}, 12), track,
        el("span", { class: "num", text: pct(prob) }));
    };
    let rest = 1;
    for (let k = 0; k < n; k++) rest -= p[i * n + k];
    return el("div", {}, el("p", { class: "sub", text: name }), Array.from({ length: n }, line),
      el("p", { class: "sub num", text: `all others ${pct(Math.max(0, rest))}` }));
  }

  function bars(room) {
    const { before, after } = view.arrays, F = view.focus.token, out = [];
    geometry = { c: Math.min(60, room / facts.T) };
    const { c } = geometry, mirrored = c < 10, w = Math.max(0.8, c - (c > 6 ? 4 : c > 3 ? 1 : 0)), names = c >= 26;
    const base = mirrored ? BARS / 2 : BARS, y = v => base - v * (base - 4);
    const wide = c * facts.T;
    sub.textContent = mirrored ? "Each token’s own answer: upwards as it is, downwards in the second pass"
      : "Each token’s own answer: grey as it is, coloured in the second pass";
    const level = v => svg("line", { x1: 0, x2: wide, y1: y(v), y2: y(v), style: { stroke: v ? "var(--hair)" : "var(--axis)" } });
    const band = { x: F * c, y: 0, width: c, height: BARS + (names ? 20 : 0) };
    out.push(svg("rect", { ...band, style: { fill: "var(--well)" } }), level(0), level(1));
    const column = (x, p, width, role, down) => svg("rect", { x, y: down ? base : y(p), width, height: base - y(p),
      style: { fill: `var(--${role})` } });
    for (let t = 0; t < facts.T; t++) {
      const x = t * c, width = mirrored ? w : w / 2, left = x + (c - w) / 2;
      out.push(column(left, before[t], width, "axis"), column(mirrored ? left : left + width, after[t], width, "prob", mirrored),
        names && tokenLabel(view.header.tokens[t], { x: x + 2, y: BARS + 14, "font-size": 10.5,
          style: { fill: t === F ? "var(--ink)" : "var(--ink-2)" } }, Math.floor(c / 6.6)));
    }
    fill(drawing, { width: wide, height: BARS + (names ? 20 : 2) }, []);
    drawing.setAttribute("aria-label", `Probability of each token’s own answer, as it is and in the second pass: ${
      Array.from(before, (p, t) => `${pct(p)} to ${pct(after[t])}`).slice(0, 40).join(", ")}.`);
    drawing.replaceChildren(...out.filter(Boolean));
  }

  /** What was done to the norm, exactly. */
  function rules() {
    const { divisor, how } = view.header, what = facts.layered ? "(x − mean) / divisor" : "x / divisor";
    const still = view.arrays.bias ? "the learned gain and bias still act" : "the learned gain still acts";
    if (how === "bypass") return `Bypassed: x itself stands in the place of ${what}, at every token; ${still}.`;
    const whose = how === "mean" ? `the mean of the text’s ${facts.T} divisors` : `the divisor of token ${view.header.like}`;
    return `Frozen: every token is divided by ${signed(divisor, 3)}, ${whose}, instead of its own.`;
  }

  return {
    node,
    update(made, width) {
      facts = made;
      const { place: p, token: t } = facts.at, { answer, before, after, trial_kl: kl } = view.arrays;
      node.hidden = !answer;
      if (!answer) return;
      node.classList.toggle("late", p !== facts.place() || t !== view.focus.token);
      const { words, loss: losses, tokens } = view.header, name = normWords(view, p), token = tokenSpan(words[answer[t]], {}, 16);
      title.textContent = `What breaks without ${name}`;
      ways.forEach(([key, made]) => made.setAttribute("aria-pressed", key === state.how));
      like.node.hidden = state.how !== "token";
      like.set(state.like, tokens.map((one, i) => [String(i), `${i} ${tokenText(one, 12)}`]));
      const [first, second] = (losses ?? []).map(loss), change = moved(before[t], after[t]);
      const lost = losses ? ` The text’s own next tokens cost ${first} nats each as it is, ${second} in the second pass.` : "";
      said.replaceChildren(token, ` ${change}; KL ${signed(kl[t])} nats.${lost}`);
      const done = view.header.how === "bypass" ? "norm bypassed" : "divisor frozen";
      lists.replaceChildren(list("as it is", 0, answer[t]), list(done, 1, answer[t]));
      const side = width >= 860;
      node.querySelector(".two").style.gridTemplateColumns = side ? "minmax(0, 1fr) minmax(0, 1fr)" : "minmax(0, 1fr)";
      bars(side ? Math.floor((width - 44) / 2) : width);
      rule.textContent = rules();
    },
  };
}
