// Home: one forward pass as a sentence read from left to right (on a phone, down). This file builds the page of it and answers the reader.

export default picture(view => {
  let data, lanes, columns, held = null, first = null, shownFor = null, openness = null, frame = 0;
  let heldDark = null, turnedFor = null, asked = 0;
  const card = hoverCard(view), painted = new Map();
  const write = el("span", { class: "write", "data-export": "no" });
  const bar = promptBar(view, { onPick: token => lookAt({ token }), after: write });
  const note = el("p", { class: "sub said", role: "status" });
  const surface = flowSurface(view, card, { card: (mark, cell) => flowCards(view, data)[mark.kind]?.(mark, cell), highlight, avoid, pick });
  const sheet = el("div", { class: "sheet" }, ...surface.nodes), spacer = el("div", { class: "spacer" }, sheet);
  const scroller = el("div", { class: "scroller" }, spacer);
  const fan = svg("svg", { class: "fan" }), list = flowList(view, card), legend = flowLegend(view);
  const stage = el("div", { class: "stage" }, fan, scroller, list.node), frameBox = el("div", { class: "frame" }, stage);
  view.root.append(bar.node, note, frameBox, legend.node);
  if (!view.still) reveal();
  scroller.addEventListener("scroll", () => { if (lanes?.many) scrolled(); }, { passive: true });
  stage.addEventListener("keydown", keys);

  return { draw: () => draw(false), name: () => `home-block${view.focus.layer}-head${view.focus.head}-token${view.focus.token}`,
    csv: () => flowRows(view, data), svg: vector, destroy: () => cancelAnimationFrame(frame) };

  // ---- drawing

  function draw(asVector) {
    const { header } = view;
    if (view.focus.layer === undefined) {  // put on the page anew while Python thinks that the focus is known here
      if (!asked) view.send("lost", (asked = Date.now()));
      return;
    }
    if (held !== view.arrays || heldDark !== view.dark) fresh();
    view.turned = view.phone || flowTurned(data, view.width);
    const focus = view.focus = { layer: clamp(0, view.focus.layer, data.L - 1), head: clamp(0, view.focus.head, data.H - 1),
      token: clamp(0, view.focus.token, data.T - 1) };
    if (first === null || shownFor !== focus.token || turnedFor !== view.turned) {
      turnedFor = view.turned;
      first = view.turned ? sideways() : flowWindow(data, focus.token); shownFor = focus.token; }
    const shapes = header.depth === "shapes", many = view.turned ? data.T * TALL.STEP > view.width : data.T > FLOW.MANY;
    bar.update(header.tokens, focus.token, `${count(data.T)} of ${count(header.n_ctx)} tokens · 1 forward pass`);
    writing();
    surface.drawing.setAttribute("aria-label", flowSentence(data, focus));
    view.root.classList.toggle("turned", view.turned);
    stage.classList.toggle("tall", view.turned);
    scroller.classList.toggle("many", many);
    if (view.turned) tall(asVector, shapes); else wide(asVector, shapes);
    list.update(data, focus);
    legend.update(data);
  }

  function wide(asVector, shapes) {
    const target = Array.from({ length: data.L }, (_, l) => (l === view.focus.layer ? 1 : 0));
    if (!openness || openness.length !== data.L || view.still) openness = target;
    else if (openness.some((k, l) => k !== target[l]) && !frame) slide(openness, target);
    columns = flowColumns(data, view.width, openness);
    const head = FLOW.HEAD + (shapes ? 13 : 0);
    lanes = flowLanes(data, view.focus.token, first, head);
    first = lanes.first;
    const listTop = 64 + (shapes ? 13 : 0);
    const rows = view.header.n_rest ? data.next(view.focus.token).length + 1 : data.next(view.focus.token).length;
    // the head of the list too: a box that scrolls cuts what stands beside it
    const height = Math.max(lanes.lastV + 52, listTop + rows * FLOW.LIST + 26), sheetW = columns.total;
    surface.begin(sheetW, height, asVector);
    drawWide({ view, data, surface, columns, lanes, tiles, head, shapes });
    size(sheetW, height, lanes.many ? lanes.listed.length - lanes.size : 0, lanes.pitch, false);
    stage.style.width = `${columns.total}px`;
    Object.assign(list.node.style, { left: `${columns.list}px`, top: `${listTop - 6}px`, width: `${columns.listW}px` });
    const half = Math.max(0.5, data.entering(data.L, view.focus.token) * lanes.ribbon / data.longest / 2), v = lanes.focus.v;
    fill(fan, { width: columns.total, height }, []);
    fan.replaceChildren(svg("path", { d: fanPath(columns.end, v, half, columns.list - 12, listTop - 6, listTop - 6 + rows * FLOW.LIST),
      style: { fill: wash("resid", 12) } }));
  }

  function tall(asVector, shapes) {
    columns = null;
    lanes = tallLanes(data, view.focus.token, first, view.width);
    first = lanes.first;
    const height = tallHeight(data);
    surface.begin(view.width, height, asVector);
    drawTall({ view, data, surface, lanes, tiles, width: view.width, shapes });
    size(view.width, height, lanes.many ? lanes.listed.length - lanes.size : 0, lanes.step, true);
    stage.style.width = "";
    list.node.removeAttribute("style");
    fan.replaceChildren();
  }

  /** The sheet stays, its box scrolls over a spacer as long as the rows out of sight. */
  function size(width, height, hidden, step, sideway) {
    const way = sideway ? ["width", "height", "scrollLeft"] : ["height", "width", "scrollTop"];
    Object.assign(sheet.style, { width: `${width}px`, height: `${height}px` });
    Object.assign(scroller.style, { width: `${width}px`, height: `${height}px` });
    spacer.style[way[1]] = `${sideway ? height : width}px`;
    spacer.style[way[0]] = `${(sideway ? width : height) + hidden * step}px`;
    if (hidden && Math.round(scroller[way[2]] / step) !== first) scroller[way[2]] = first * step;
  }

  function scrolled() {
    const row = Math.round((view.turned ? scroller.scrollLeft : scroller.scrollTop) / (view.turned ? lanes.step : lanes.pitch));
    if (row === first) return;
    first = row;
    surface.leave();
    view.redraw();
  }

  function sideways() {
    const size = tallFit(view.width) - 1;
    return clamp(0, view.focus.token - size, Math.max(0, data.T - 1 - size));
  }

  /** New numbers or another theme: read them anew, and paint the small pictures of the heads once. */
  function fresh() {
    if (held !== view.arrays) { data = flowData(view); first = null; }
    held = view.arrays;
    heldDark = view.dark;
    painted.clear();
  }
  function tiles(l, h) {
    const key = `${l}.${h}.${view.dark}`;
    if (!painted.has(key)) {
      const side = data.tileSide, values = data.tile(l, h), node = el("canvas", { width: side, height: side });
      const context = node.getContext("2d"), pixels = context.createImageData(side, side);
      for (let i = 0; i < side; i++)
        for (let j = 0; j <= i; j++)
          pixels.data.set([...view.seqRgb(values[i * side + j] / 255), 255], (i * side + j) * 4);
      context.putImageData(pixels, 0, 0);
      painted.set(key, node);
    }
    return painted.get(key);
  }

  /** Blocks open and close in 240 ms. */
  function slide(from, target) {
    const start = performance.now();
    const step = now => {
      const t = Math.min(1, (now - start) / 240), eased = 1 - (1 - t) ** 3;
      openness = t < 1 ? target.map((k, l) => mixed(from[l] ?? 0, k, eased)) : target;
      frame = t < 1 ? requestAnimationFrame(step) : 0;
      if (data.L === target.length) draw(false); else openness = null;
    };
    frame = requestAnimationFrame(step);
  }

  /** Seen for the first time, the pass runs from its cause to its effect; any key or click shows it all. */
  function reveal() {
    const end = () => {
      stage.classList.remove("reveal");
      for (const name of ["keydown", "pointerdown"]) document.removeEventListener(name, end, true);
    };
    stage.classList.add("reveal");
    stage.addEventListener("animationend", end, { once: true });
    for (const name of ["keydown", "pointerdown"]) document.addEventListener(name, end, true);
  }

  function vector() {
    draw(true);
    const made = snapshot(view);
    draw(false);
    return made;
  }

  /** The buttons that let the model write, and what there is to say about the last time. */
  function writing() {
    const { undo, settings, note: words } = data.header, full = data.T >= data.header.n_ctx, shown = `${full}${undo}${settings}`;
    note.textContent = words ?? "";
    if (write.dataset.shown === shown) return;
    write.dataset.shown = shown;
    const title = full ? "The context is full: remove a few words first" : `Drawn with ${settings}, as set on the Sampling page`;
    const button = (text, kind, n) => el("button",
      { type: "button", class: `btn ${kind}`, text, title, disabled: full, on: { click: () => view.send("write", n) } });
    const back = el("button", { type: "button", class: "btn", text: "Undo", title: "The prompt as it was before",
      on: { click: () => view.send("undo", true) } });
    write.replaceChildren(button("Next token", "primary", 1), button("20 more", "", 20), ...(undo ? [back] : []));
  }

  // ---- the reader

  function lookAt(change) { surface.leave(); view.setFocus(change); }

  function pick(mark) {
    if (mark.kind === "tile") lookAt({ layer: mark.l, head: mark.h });
    else if (mark.kind === "block") open(mark.l, false);
    else if (mark.kind === "arc") lookAt({ layer: mark.l, head: mark.h, token: mark.i });
    else if (mark.kind === "scroll") turn(mark.by);
    else if (mark.i !== undefined && mark.i !== view.focus.token) lookAt({ token: mark.i });
  }

  /** Open a block on the head drawn for it; the keyboard, if it stood on a block or a head, goes along. */
  function open(l, along = true) {
    const head = data.chosen(l, view.focus);
    if (along) surface.focusNext(`head${l}.${head}`);
    lookAt({ layer: l, head });
  }

  function turn(by) { first = clamp(0, first + by * (lanes.size - 2), Math.max(0, lanes.listed.length - lanes.size)); view.redraw(); }

  function highlight(mark, cell) { return columns ? flowHighlight(view, data, lanes, columns, mark, cell) : []; }

  /** The card never covers the row it speaks of. */
  function avoid(mark, rect) {
    const one = columns && lanes.lanes.find(({ i }) => i === mark.i);
    if (!one) return rect;
    const top = surface.drawing.getBoundingClientRect().top;
    return { ...rect, top: Math.min(rect.top, top + one.top), bottom: Math.max(rect.bottom, top + one.v + lanes.ribbon / 2) };
  }

  function keys(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest?.(".list")) return;
    const { layer, head, token } = view.focus, key = event.target.getAttribute?.("data-key") ?? "";
    const done = () => { event.preventDefault(); event.stopPropagation(); };
    if (event.key === "Escape") { surface.leave(); return; }
    if (event.key === "Enter" || event.key === " ") {
      if (key.startsWith("block")) { done(); open(Number(key.slice(5))); }
      else if (key.startsWith("head")) { done(); const [l, h] = key.slice(4).split(".").map(Number); lookAt({ layer: l, head: h }); }
      else if (key === "above" || key === "below") { done(); turn(key === "above" ? -1 : 1); }
      return;
    }
    if (key.startsWith("head") && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      const [l, h] = key.slice(4).split(".").map(Number), to = clamp(0, h + (event.key === "ArrowRight" ? 1 : -1), data.H - 1);
      done();
      lookAt({ layer: l, head: to });
      surface.focusNext(`head${l}.${to}`);
      return;
    }
    const last = data.T - 1, to = { ArrowUp: token - 1, ArrowDown: token + 1, Home: 0, End: last }[event.key];
    const block = { PageUp: layer - 1, PageDown: layer + 1 }[event.key];
    if (to !== undefined) { done(); lookAt({ token: clamp(0, to, last) }); }
    else if (block !== undefined && block >= 0 && block < data.L) { done(); open(block, key !== ""); }
    else if (surface.walkKeys(event)) done();
  }
});
