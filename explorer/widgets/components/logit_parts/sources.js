// Where a logit comes from, part 3: its shares by token of the text, as attention moved them, and as the gradient says.

/** `pick(token)` on click. mark({layer, head}) shows one head's shares instead of all. */
function tokenShares(view, { pick, card }) {
  const title = el("h2"), note = el("p", { class: "sub" }), drawing = svg("svg", { role: "group", "aria-label": "Shares of the tokens" });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Shares of each token of the text" }, drawing);
  const said = el("p", { class: "note differ" }), node = el("section", { class: "sources" }, title, scroll, note, said);
  let width = 0, only = null;

  /** What attention brought from token s: by all heads, or by the one that is pointed at. */
  function moved(s) {
    const { moved: all } = view.arrays, [L, H, S] = all.shape;
    if (only) return all[(only.layer * H + only.head) * S + s];
    let sum = 0;
    for (let at = s; at < L * H * S; at += S) sum += all[at];
    return sum;
  }
  /** The heads that brought most from token s. */
  function heads(s) {
    const { moved: all } = view.arrays, [L, H, S] = all.shape;
    const list = Array.from({ length: L * H }, (_, n) => [Math.floor(n / H), n % H, all[n * S + s]]);
    return list.sort((a, b) => Math.abs(b[2]) - Math.abs(a[2])).slice(0, 3);
  }

  function describe(s) {
    const { tokens, at, own, against } = view.header, { gradient, by_token: share } = view.arrays, place = el("span", {}, `${s} `,
      tokenSpan(tokens[s], {}, 14));
    const line = (name, value) => el("div", {}, name, el("span", { class: "num", text: signed(value, 3, true) })), unit = against
      ? "of the lead" : "of the logit";
    if (!share) return { value: signed(gradient[s], 3, true), place, what: "gradient × input", hook: "hook_embed", index: `[0,${s},:]` };
    const list = el("div", { class: "tops" }, line("gradient × input", gradient[s]), s === at && line("its own embedding and MLPs", own),
      heads(s).map(([layer, head, value]) => line(`by block ${layer} · head ${head}`, value)));
    return { value: signed(share[s], 3, true), place, what: `${unit} was written from this token`, list };
  }

  /** One column of bars about its own zero: {x(value), zero}. */
  function scale(values, left, room) {
    const low = Math.min(0, ...values), high = Math.max(0, ...values), x = v => left + ((v - low) / (high - low || 1)) * room;
    return { x, zero: x(0) };
  }
  const bar = ({ x, zero }, value, y, height, role) => svg("rect", { x: Math.min(zero, x(value)), y, width: Math.max(0.75,
    Math.abs(x(value) - zero)), height,
    style: { fill: `var(--${role})` } });

  function draw() {
    const { tokens, at, own, opposite = [], against } = view.header, { gradient, by_token: share } = view.arrays, S = at + 1,
      phone = width < 420;
    const label = phone ? 76 : 98, number = 48, columns = share ? 2 : 1, each = (width - label) / columns, room = each - number - 12,
      top = 20;
    const brought = share ? Array.from({ length: S }, (_, s) => moved(s)) : [], mine = share && !only ? own : 0;
    const first = share && scale([...brought, mine], label, room), second = scale([...gradient], label + (columns - 1) * each, room),
      bottom = top + S * PITCH, out = [];
    if (share) out.push(word(only ? `block ${only.layer} · head ${only.head} alone` : "attribution", label, 10, 11, { class: "attn" }));
    out.push(word("gradient × input", label + (columns - 1) * each, 10, 11, { class: "grad" }));
    for (const one of [first, second].filter(Boolean)) out.push(svg("line", { x1: one.zero, x2: one.zero, y1: top, y2: bottom,
      style: { stroke: "var(--axis)" } }));
    const rows = Array.from({ length: S }, (_, s) => {
      const y = top + s * PITCH, base = y + 15, two = s === at && mine !== 0, total = share && (only ? brought[s] : share[s]),
        apart = opposite.includes(s);
      return svg("g", { class: "share", "data-token": s }, svg("rect", { class: "hit", x: 0, y, width, height: PITCH, rx: 2 }),
        word(`${s}`, 0, base, 10.5, { class: "m", ...faint }),
        tokenLabel(tokens[s], { x: 24, y: base, "font-size": 12, style: { fill: apart ? "var(--ink)" : "var(--ink-2)",
          "font-weight": apart ? 600 : 400 } }, phone ? 6 : 9),
        share && bar(first, brought[s], two ? y + 3 : y + 4, two ? 7 : PITCH - 8, "attn"), two && bar(first, mine, y + 11, 7, "resid"),
          bar(second, gradient[s], y + 4, PITCH - 8, "grad"),
        share && word(signed(total, 2, true), label + each - 14, base, 11, { class: "m", "text-anchor": "end" }),
          word(signed(gradient[s], 2, true), width, base, 11, { class: "m", "text-anchor": "end" }));
    });
    fill(drawing, { width, height: bottom + 4 }, []);
    drawing.replaceChildren(...out, ...rows);
    rows.forEach((row, s) => {
      row.onpointerenter = () => { const box = row.getBoundingClientRect(); card.show(describe(s), { left: box.left, right: box.left
        + 90, top: box.top, bottom: box.bottom }, box); };
      row.onpointerleave = () => card.hide();
      row.onclick = () => pick(s);
    });
    const lead = against ? "lead" : "logit";
    note.replaceChildren(...(share ? ["Each column on its own scale. Attribution: ",
      el("b", { class: "attn", text: "what heads read there" }), ` and wrote into token ${at}, and `,
      el("b", { class: "resid", text: "its own embedding and MLPs" }), `; with the biases it sums to the ${lead}. `,
        el("b", { class: "grad", text: "Gradient × input" }), " does not."]
      : [el("b", { class: "grad", text: "Gradient × input" }),
        ": how fast the logit would grow with that token’s embedding, by every path; it need not sum to the logit."]));
  }

  /** Where the two disagree, and why they may. */
  function differ() {
    const { first, opposite = [], tokens } = view.header, { gradient, by_token: share } = view.arrays, name = s => tokenSpan(tokens[s],
      {}, 12);
    if (!share || !first) return said.replaceChildren();
    const why = "The attribution counts what is written straight into the last position; the gradient follows every path, "
      + "through later heads, MLPs and norms, to first order.";
    const numbers = s => [name(s), ` (${signed(share[s], 2, true)} against ${signed(gradient[s], 2, true)})`], listed = opposite.slice(0,
      3);
    const parts = [];
    if (first[0] !== first[1]) parts.push("They disagree on the first: attribution says ", name(first[0]), ", gradient × input ",
      name(first[1]), ". ");
    if (listed.length) parts.push("They have opposite signs at ", ...listed.flatMap((s, i) => [...(i ? [", "] : []), ...numbers(s)]),
      opposite.length > 3 ? ` and ${opposite.length - 3} more. ` : ". ");
    said.replaceChildren(...(parts.length ? [...parts, why]
      : ["Here both agree: the same token comes first, and no clear share changes its sign. ", why]));
  }

  return {
    node,
    mark(head) { if (view.arrays.moved && (head?.layer !== only?.layer || head?.head !== only?.head)) { only = head; draw(); } },
    update(room) {
      width = room;
      only = null;
      title.replaceChildren("Which tokens did it come from?");
      draw();
      differ();
    },
  };
}
