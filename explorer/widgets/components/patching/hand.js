// Patching, part 6: a cell of the run that gives, dragged onto a cell of the run that is changed; or one click on each.

/** `moved(to, from)` when a patch is asked for; cells are {kind, layer, head: null, at}. */
function handPatch(view, state, { moved, kind }) {
  const whole = cell => ({ kind: state.kind, layer: cell.layer, head: null, at: cell.at });
  const seg = el("div", { class: "seg", role: "group", "aria-label": "What is put in" });
  const says = el("p", { class: "sub" });
  const line = svg("svg", { class: "thread", "aria-hidden": "true", "data-export": "no" });
  const source = runGrid(view, "source", { down: begin, enter: cell => point("from", cell), pick: take,
    key: (step, size) => steer("from", step, size) });
  const target = runGrid(view, "target", { down: () => {}, enter: cell => point("to", cell), pick: drop,
    key: (step, size) => steer("to", step, size) });
  const grids = el("div", { class: "runs" }, source.node, target.node);
  const title = el("h2", { text: "One patch, by hand" });
  const node = el("section", { class: "hand" }, title, el("div", { class: "controls" }, seg), says, grids, line);
  let facts = null, drag = null, pointed = { from: null, to: null }, cursor = null, quiet = false;

  function begin(event, cell) {
    drag = { cell, x: event.clientX, y: event.clientY, far: false };
    const move = one => {
      drag.far ||= Math.hypot(one.clientX - drag.x, one.clientY - drag.y) > 5;
      if (!drag.far) return;
      one.preventDefault();
      state.from = whole(cell);
      pointed.to = over(one);
      thread(one);
      paint();
    };
    const end = one => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      const to = drag.far && one.type === "pointerup" ? over(one) : null;
      quiet = drag.far;  // the click that follows belongs to the drag
      setTimeout(() => { quiet = false; });
      drag = null;
      line.replaceChildren();
      if (to) drop(to); else paint();
    };
    event.preventDefault();
    source.grid.focus({ preventScroll: true });
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }
  function over(event) {
    const box = target.grid.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX < box.right && event.clientY >= box.top && event.clientY < box.bottom;
    return inside ? target.cellAt(event) : null;
  }
  function thread(event) {
    const box = node.getBoundingClientRect(), a = source.middle(drag.cell), x = event.clientX, y = event.clientY;
    line.replaceChildren(svg("path", { d: `M${a.x - box.left} ${a.y - box.top}L${x - box.left} ${y - box.top}` }),
      svg("circle", { cx: x - box.left, cy: y - box.top, r: 4 }));
  }
  function take(cell) {
    if (quiet) return;
    state.from = whole(cell);
    paint();
  }
  function drop(cell) {
    if (quiet && !drag && pointed.to === null) return;
    moved(whole(cell), state.from);
  }
  function point(side, cell) {
    if (drag) return;
    pointed = { from: null, to: null, [side]: cell };
    paint();
  }
  function steer(side, step, { layers, tokens }) {
    const now = side === "from" ? state.from : cursor ?? state.cell, held = (x, most) => Math.max(0, Math.min(most - 1, x));
    const from = now.at === null ? { layer: now.layer, at: tokens - 1 } : now;
    if (!step) return side === "from" ? target.grid.focus() : drop(from);
    const cell = { layer: held(from.layer + step[0], layers), at: held(from.at + step[1], tokens) };
    if (side === "from") state.from = whole(cell); else cursor = cell;
    paint();
  }

  const flat = cell => (cell && cell.kind === state.kind && cell.at !== null ? cell : null);
  function paint() {
    if (!facts) return;
    source.repaint({ frame: flat(state.from), pointed: pointed.from });
    target.repaint({ frame: flat(state.cell), pointed: pointed.to ?? cursor, cone: pointed.to ?? cursor ?? flat(state.cell) });
  }

  return {
    node,
    update(width, made) {
      facts = made;
      cursor = null;
      const { header, arrays } = view, { way } = header, gives = way === "denoise" || way === "noise", back = way === "denoise";
      const clean = { tokens: header.tokens, lens: arrays.clean_lens };
      const corrupted = { tokens: header.corrupted, lens: arrays.corrupted_lens };
      const [from, to] = back ? [clean, corrupted] : [corrupted, clean], each = gives && !view.phone ? (width - 44) / 2 : width;
      seg.replaceChildren(...facts.kinds.map(one => el("button", { type: "button", text: KINDS[one].name,
        "aria-pressed": String(one === state.kind), on: { click: () => kind(one) } })));
      const how = !gives ? `Click what is ${WAYS[way].does}.` : view.phone ? "Tap what to take, then where to put it."
        : "Drag a cell from the left onto one on the right, or click one on each side; with the keyboard, arrows and Enter.";
      const read = state.kind === "stream" && clean.lens ? " In a cell: what the model’s own end would say of the stream there." : "";
      says.textContent = `${how} Tinted: what that can reach.${read}`;
      source.node.hidden = !gives;
      const drawn = ({ tokens, lens }, cell, does, run, aria) => ({ tokens, lens: state.kind === "stream" ? lens : null, frame: flat(cell),
        pointed: null, cone: null, marked: t => facts.between(tokens, t), title: [el("b", { text: does }), ` the ${run} run`],
        aria: `The ${run} run: ${aria}` });
      const [giver, changed] = back ? ["clean", "corrupted"] : ["corrupted", "clean"];
      const taking = "choose what to take. Arrow keys move, Enter goes on.";
      if (gives) source.update(each, facts.L, drawn(from, state.from, "Take from", giver, taking));
      target.update(each, facts.L, { ...drawn(to, state.cell, gives ? "Put into" : "Change", changed,
        "choose where to put it. Arrow keys move, Enter runs the pass."), cone: flat(state.cell) });
      line.replaceChildren();
    },
  };
}
