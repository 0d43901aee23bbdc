// Where a logit comes from, part 2: the waterfall. Every part is a bar from where the sum stood to where it stands then.

const PITCH = 21;

/** state: {order, parts}; `point(row | null)` on hover and keyboard focus; a click goes to the component. */
function waterfall(view, state, { point, card }) {
  const drawing = svg("svg", { role: "group", "aria-label": "Parts of the logit" }), node = el("div", { class: "waterfall" }, drawing);
  let rows = [], links = [], chosen = 0;

  const goal = row => ({ layer: row.layer ?? view.focus.layer, head: row.head ?? view.focus.head, token: view.focus.token });
  function describe(row) {
    if (row.kind === "rest") {
      const list = [...row.rest].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, 6);
      const line = ({ name, value }) => el("div", {}, name, el("span", { class: "num", text: signed(value, 3, true) }));
      return { value: signed(row.value, 3, true), place: row.name, what: `together; the largest ${list.length} of them:`,
        list: el("div", { class: "tops" }, list.map(line)) };
    }
    const at = view.header.at, index = row.kind === "head" ? `[0,${at},${row.head},:]` : row.kind.endsWith("bias") ? "" : `[0,${at},:]`;
    const what = `${row.what}, read as a logit; click to open ${row.page === "home" ? "it on Home" : "it on Attention"}`;
    return { value: signed(row.value, 3, true), place: row.name, what, list: from(row), hook: row.hook, index };
  }
  /** The tokens that a head read most of it from. */
  function from({ kind, layer, head }) {
    const { moved } = view.arrays;
    if (kind !== "head" || !moved) return null;
    const [, H, S] = moved.shape, shares = Array.from({ length: S }, (_, s) => [s, moved[(layer * H + head) * S + s]]);
    const list = shares.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 3);
    return el("div", { class: "tops" }, list.map(([s, value]) => el("div", {}, el("span", {}, `from ${s} `,
      tokenSpan(view.header.tokens[s], {}, 12)),
      el("span", { class: "num", text: signed(value, 3, true) }))));
  }

  function line(row, i, x, left, right) {
    const y = i * PITCH, from = x(row.from), to = x(row.to), on = row.kind === "head" && row.layer === view.focus.layer
      && row.head === view.focus.head;
    const parts = [svg("rect", { class: "hit", x: 0, y, width: right, height: PITCH, rx: 2 }),
      word(row.name, 0, y + 15, 12, { style: { fill: row.kind === "rest" ? "var(--ink-3)" : "var(--ink-2)", "font-weight": on ? 600
        : 400 } }),
      svg("rect", { x: Math.min(from, to), y: y + 4, width: Math.max(1, Math.abs(to - from)), height: PITCH - 8,
        style: { fill: `var(--${row.role})` } }),
      svg("line", { x1: to, x2: to, y1: y + PITCH - 4, y2: y + PITCH + 4, style: { stroke: "var(--axis)" } }),
      word(signed(row.value, 2, true), right, y + 15, 11.5, { class: "m", "text-anchor": "end" })];
    if (row.kind === "rest") return svg("g", { tabindex: -1, role: "img", "aria-label": `${row.name}: ${signed(row.value, 2, true)}` },
      parts);
    return svg("a", { href: pageLink(view.header.pages[row.page], goal(row)), tabindex: -1, "data-part": row.name,
      "aria-label": `${row.name}: ${signed(row.value, 2, true)}`,
      on: { click: event => follow(view, event, row.page, goal(row)) } }, parts);
  }

  function total(y, x, right) {
    const { logit, against } = view.header, label = against ? "lead" : "logit", [from, to] = [x(0), x(logit)];
    return [svg("line", { x1: 0, x2: right, y1: y + 0.5, y2: y + 0.5, style: { stroke: "var(--line)" } }),
      word(label, 0, y + 19, 12, { style: { "font-weight": 550 } }),
      svg("rect", { x: Math.min(from, to), y: y + 8, width: Math.max(1, Math.abs(to - from)), height: PITCH - 8,
        style: { fill: "var(--ink)" } }),
      word(signed(logit), right, y + 19, 11.5, { class: "m total", "text-anchor": "end", style: { "font-weight": 600 } })];
  }

  function listen() {
    links.forEach((link, i) => {
      const open = () => { chosen = i; point(rows[i]); const box = link.getBoundingClientRect(); card.show(describe(rows[i]),
        { ...edges(box), right: box.left + 120 }, box); };
      const close = () => { point(null); card.hide(); };
      link.onpointerenter = open;
      link.onpointerleave = close;
      link.onfocus = () => { if (link.matches(":focus-visible")) open(); };
      link.onblur = close;
    });
  }
  const edges = ({ left, right, top, bottom }) => ({ left, right, top, bottom });
  node.onkeydown = event => {
    const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    chosen = Math.max(0, Math.min(links.length - 1, to));
    links.forEach((link, i) => link.setAttribute("tabindex", i === chosen ? 0 : -1));
    links[chosen].focus();
  };

  return {
    node,
    get rows() { return rows; },
    update(width, parts) {
      rows = waterfallRows(parts, state);
      const ends = [0, view.header.logit, ...rows.map(({ to }) => to)], low = Math.min(...ends), high = Math.max(...ends);
      const left = view.phone ? 108 : 136, right = width, room = width - left - 58, x = v => left
        + ((v - low) / (high - low || 1)) * room, y = rows.length * PITCH;
      fill(drawing, { width, height: y + PITCH + 6 }, []);
      links = rows.map((row, i) => line(row, i, x, left, right));
      chosen = Math.min(chosen, links.length - 1);
      links[chosen]?.setAttribute("tabindex", 0);
      drawing.replaceChildren(svg("line", { x1: x(0), x2: x(0), y1: 0, y2: y + PITCH + 4, style: { stroke: "var(--axis)" } }), ...links,
        ...total(y, x, right));
      listen();
    },
  };
}
