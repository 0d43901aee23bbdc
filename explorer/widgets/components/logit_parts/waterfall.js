// Where a logit comes from, part 3: the waterfall. Every part is a bar from where the sum stood to where it stands then.

/** state: {order, parts}; `point(row | null)` on hover and keyboard focus; a click goes to the component. */
function waterfall(view, state, { point, card }) {
  const drawing = svg("svg", { role: "group", "aria-label": "Parts of the logit" }), node = el("div", { class: "waterfall" }, drawing);
  let rows = [], links = [], chosen = 0, digits = 2;

  const goal = row => ({ layer: row.layer ?? view.focus.layer, head: row.head ?? view.focus.head, token: view.focus.token });
  const exact = x => signed(x, 3, true), bySize = (a, b) => Math.abs(b.value) - Math.abs(a.value);
  const listed = lines => el("div", { class: "tops" }, lines.map(({ name, value }) => el("div", {}, el("span", {}, name),
    el("span", { class: "num", text: exact(value) }))));

  function describe(row) {
    const value = exact(row.value), place = row.name, at = view.header.at;
    if (row.kind === "rest") {
      const largest = [...row.rest].sort(bySize).slice(0, 6);
      return { value, place, what: `together; the largest ${largest.length} of them:`, list: listed(largest) };
    }
    const index = row.kind === "head" ? `[0,${at},${row.head},:]` : row.kind.endsWith("bias") ? "" : `[0,${at},:]`;
    const what = `${row.what}, read as a logit; click to open it on ${PAGE_NAMES[row.page]}`;
    return { value, place, what, list: from(row), hook: row.hook, index };
  }
  /** The tokens that a head read most of it from. */
  function from({ kind, layer, head }) {
    const { moved } = view.arrays;
    if (kind !== "head" || !moved) return null;
    const shares = Array.from({ length: moved.shape[2] }, (_, s) => ({ s, value: broughtFrom(view, s, { layer, head }) }));
    const name = s => el("span", {}, `from ${s} `, tokenSpan(view.header.tokens[s], {}, 12));
    return listed(shares.sort(bySize).slice(0, 3).map(({ s, value }) => ({ name: name(s), value })));
  }

  function line(row, i, x, right) {
    const y = i * PITCH, [from, to] = [x(row.from), x(row.to)], rest = row.kind === "rest", value = signed(row.value, digits, true);
    const label = `${row.name}: ${value}`, step = { x1: to, x2: to, y1: y + PITCH - 4, y2: y + PITCH + 4 };
    const on = row.kind === "head" && row.layer === view.focus.layer && row.head === view.focus.head;
    const parts = [svg("rect", { class: "hit", x: 0, y, width: right, height: PITCH, rx: 2 }),
      word(row.name, 0, y + 15, 12, { style: { fill: rest ? "var(--ink-3)" : "var(--ink-2)", "font-weight": on ? 600 : 400 } }),
      block(from, to, y + 4, row.role), svg("line", { ...step, style: { stroke: "var(--axis)" } }),
      word(value, right, y + 15, 11.5, { class: "m", "text-anchor": "end" })];
    if (rest) return svg("g", { tabindex: -1, role: "img", "aria-label": label }, parts);
    const href = pageLink(view.header.pages[row.page], goal(row)), click = event => follow(view, event, row.page, goal(row));
    return svg("a", { href, tabindex: -1, "data-part": row.name, "aria-label": label, on: { click } }, parts);
  }
  const block = (from, to, y, role) => svg("rect", { x: Math.min(from, to), y, width: Math.max(1, Math.abs(to - from)), height: PITCH - 8,
    style: { fill: `var(--${role})` } });

  function total(y, x, right) {
    const { logit, against } = view.header;
    return [svg("line", { x1: 0, x2: right, y1: y + 0.5, y2: y + 0.5, style: { stroke: "var(--line)" } }),
      word(against ? "lead" : "logit", 0, y + 19, 12, { style: { "font-weight": 550 } }),
      block(x(0), x(logit), y + 8, "ink"),
      word(signed(logit, digits), right, y + 19, 11.5, { class: "m total", "text-anchor": "end", style: { "font-weight": 600 } })];
  }

  function listen() {
    links.forEach((link, i) => {
      const open = () => {
        const { left, top, bottom } = link.getBoundingClientRect();
        chosen = i;
        point(rows[i]);
        card.show(describe(rows[i]), { left, right: left + 120, top, bottom });
      };
      const close = () => { point(null); card.hide(); };
      link.onpointerenter = open;
      link.onpointerleave = close;
      link.onfocus = () => { if (link.matches(":focus-visible")) open(); };
      link.onblur = close;
    });
  }
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
      digits = decimalsFor([view.header.logit, ...rows.map(({ value }) => value)]);
      const ends = [0, view.header.logit, ...rows.map(({ to }) => to)], low = Math.min(...ends), high = Math.max(...ends);
      const left = view.phone ? 108 : 136, room = width - left - 58, y = rows.length * PITCH;
      const x = v => left + ((v - low) / (high - low || 1)) * room;
      fill(drawing, { width, height: y + PITCH + 6 }, []);
      links = rows.map((row, i) => line(row, i, x, width));
      chosen = Math.min(chosen, links.length - 1);
      links[chosen]?.setAttribute("tabindex", 0);
      const zero = svg("line", { x1: x(0), x2: x(0), y1: 0, y2: y + PITCH + 4, style: { stroke: "var(--axis)" } });
      drawing.replaceChildren(zero, ...links, ...total(y, x, width));
      listen();
    },
  };
}
