// Where a logit comes from, part 2: its shares by token of the text, as attention moved them, and as the gradient says.

const PITCH = 21, NUMBER = 48;  // px of a row, here and in the waterfall; of a number

/** What attention brought from token s: by all heads, or by one. */
function broughtFrom({ arrays: { moved } }, s, only) {
  const [L, H, S] = moved.shape;
  if (only) return moved[(only.layer * H + only.head) * S + s];
  let sum = 0;
  for (let at = s; at < L * H * S; at += S) sum += moved[at];
  return sum;
}

/** The heads that brought most from token s: [layer, head, value]. */
function headsFrom({ arrays: { moved } }, s, n = 3) {
  const [L, H, S] = moved.shape, list = Array.from({ length: L * H }, (_, i) => [Math.floor(i / H), i % H, moved[i * S + s]]);
  return list.sort((a, b) => Math.abs(b[2]) - Math.abs(a[2])).slice(0, n);
}

/** `pick(token)` on click. mark({layer, head}) shows one head's shares instead of all. */
function tokenShares(view, { pick, card }) {
  const title = el("h2", { text: "Which tokens did it come from?" });
  const drawing = svg("svg", { role: "group", "aria-label": "Shares of the tokens" }), heads = svg("svg", { class: "heads", height: 16 });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Shares of each token of the text" }, drawing);
  const note = el("p", { class: "sub" }), said = el("p", { class: "note differ" });
  const node = el("section", { class: "sources" }, title, heads, scroll, note, said);
  let width = 0, only = null, shown = "";

  function describe(s) {
    const { tokens, at, own, against } = view.header, { gradient, by_token: share } = view.arrays;
    const place = el("span", {}, `${s} `, tokenSpan(tokens[s], {}, 14)), exact = x => signed(x, 3, true);
    if (!share) return { value: exact(gradient[s]), place, what: "gradient × input", hook: "hook_embed", index: `[0,${s},:]` };
    const line = (name, value) => el("div", {}, name, el("span", { class: "num", text: exact(value) }));
    const list = el("div", { class: "tops" }, line("gradient × input", gradient[s]), s === at && line("its own embedding and MLPs", own),
      headsFrom(view, s).map(([layer, head, value]) => line(`by block ${layer} · head ${head}`, value)));
    return { value: exact(share[s]), place, what: `of the ${against ? "lead" : "logit"} was written from this token`, list };
  }

  /** One column of bars about its own zero. */
  function column(values, left, room) {
    const low = Math.min(0, ...values), high = Math.max(0, ...values), x = v => left + ((v - low) / (high - low || 1)) * room;
    const bar = (value, y, height, role) => svg("rect", { x: Math.min(x(0), x(value)), y, width: Math.max(0.75, Math.abs(x(value) - x(0))),
      height, style: { fill: `var(--${role})` } });
    return { left, zero: x(0), bar, digits: decimalsFor(values) };
  }

  function draw() {
    const { tokens, at, own, opposite = [] } = view.header, { gradient, by_token: share } = view.arrays, S = at + 1, narrow = width < 420;
    const label = narrow ? 76 : 98, each = (width - label) / (share ? 2 : 1), room = each - NUMBER - 12, bottom = S * PITCH;
    const brought = share ? Array.from({ length: S }, (_, s) => broughtFrom(view, s, only)) : [], mine = share && !only ? own : 0;
    const first = share && column([...brought, mine], label, room), second = column([...gradient], label + (share ? each : 0), room);
    const name = only ? `block ${only.layer} · head ${only.head} alone` : "attribution";
    const axis = ({ zero }) => svg("line", { x1: zero, x2: zero, y1: 0, y2: bottom, style: { stroke: "var(--axis)" } });
    const number = (value, digits, x, y) => word(signed(value, digits, true), x, y, 11, { class: "m", "text-anchor": "end" });

    function attributed(s, y) {
      const two = s === at && mine !== 0;
      return [first.bar(brought[s], two ? y + 3 : y + 4, two ? 7 : PITCH - 8, "attn"), two && first.bar(mine, y + 11, 7, "resid"),
        number(only ? brought[s] : share[s], first.digits, label + each - 14, y + 15)];
    }
    const rows = Array.from({ length: S }, (_, s) => {
      const y = s * PITCH, style = opposite.includes(s) ? { fill: "var(--ink)", "font-weight": 600 } : { fill: "var(--ink-2)" };
      const parts = [svg("rect", { class: "hit", x: 0, y, width, height: PITCH, rx: 2 }),
        word(`${s}`, 0, y + 15, 10.5, { class: "m", ...faint }),
        tokenLabel(tokens[s], { x: 24, y: y + 15, "font-size": 12, style }, narrow ? 6 : 9), ...(share ? attributed(s, y) : []),
        second.bar(gradient[s], y + 4, PITCH - 8, "grad"), number(gradient[s], second.digits, width, y + 15)];
      return svg("g", { class: "share", "data-token": s }, parts);
    });
    fill(drawing, { width, height: bottom + 4 }, []);
    drawing.replaceChildren(...(share ? [axis(first)] : []), axis(second), ...rows);
    heads.setAttribute("width", width);
    heads.replaceChildren(...(share ? [word(name, first.left, 11, 11, { class: "attn" })] : []),
      word("gradient × input", second.left, 11, 11, { class: "grad" }));
    rows.forEach((row, s) => {
      row.onpointerenter = () => {
        const { left, top, bottom: low } = row.getBoundingClientRect();
        card.show(describe(s), { left, right: left + 90, top, bottom: low });
      };
      row.onpointerleave = () => card.hide();
      row.onclick = () => pick(s);
    });
  }

  function explain() {
    const { at, against } = view.header, grad = el("b", { class: "grad", text: "Gradient × input" });
    note.replaceChildren(...(view.arrays.by_token
      ? ["Each column on its own scale. Attribution: ", el("b", { class: "attn", text: "what heads read there" }),
        ` and wrote into token ${at}, and `, el("b", { class: "resid", text: "its own embedding and MLPs" }),
        `; with the biases it sums to the ${against ? "lead" : "logit"}. `, grad, " does not."]
      : [grad, ": how fast the logit would grow with that token’s embedding, by every path; it need not sum to the logit."]));
  }

  /** Where the two disagree, and why they may. */
  function differ() {
    const { first, opposite = [], tokens } = view.header, { gradient, by_token: share } = view.arrays, parts = [];
    if (!share || !first) return said.replaceChildren();
    const name = s => el("span", {}, `${s} `, tokenSpan(tokens[s], {}, 12));
    const both = s => `${signed(share[s], 2, true)} against ${signed(gradient[s], 2, true)}`;
    const [one, other] = first.map(name);
    if (first[0] !== first[1]) parts.push("They disagree on the first: attribution says ", one, ", gradient × input ", other, ". ");
    opposite.slice(0, 3).forEach((s, i) => parts.push(i ? ", " : "They have opposite signs at ", name(s), ` (${both(s)})`));
    if (opposite.length) parts.push(opposite.length > 3 ? ` and ${opposite.length - 3} more. ` : ". ");
    if (!parts.length) parts.push("Here both agree: the same token comes first, and no clear share changes its sign. ");
    said.replaceChildren(...parts, "The attribution counts what is written straight into the last position; "
      + "the gradient follows every path, through later heads, MLPs and norms, to first order.");
  }

  /** The largest share into sight, where there are more rows than fit. */
  function reveal() {
    const values = [...(view.arrays.by_token ?? view.arrays.gradient)].slice(0, -1).map(Math.abs);
    const most = values.indexOf(Math.max(...values));
    scroll.scrollTop = Math.max(0, (most + 0.5) * PITCH - scroll.clientHeight / 2);
  }

  return {
    node,
    mark(head) {
      if (!view.arrays.moved || (head?.layer === only?.layer && head?.head === only?.head)) return;
      only = head;
      draw();
    },
    update(room) {
      const { at, token, against } = view.header, question = JSON.stringify([at, token, against, view.arrays.gradient[0]]);
      [width, only] = [room, null];
      draw();
      explain();
      differ();
      if (question !== shown) reveal();
      shown = question;
    },
  };
}
