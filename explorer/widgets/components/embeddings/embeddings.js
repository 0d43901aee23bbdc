// Embeddings: every token of the vocabulary as a point, and the nearest of one of them. Moving, hovering and choosing stay
// here; Python hears of what is chosen, and works out neighbours where the vectors are too many to send.

export default picture(view => {
  const state = { side: "input", shade: "kind", axes: [null, null], draft: [null, null], pick: null, look: null, fit: 1 };
  Object.assign(state, { map: "", scale: "", mapseed: "", turn: { yaw: 0.5, pitch: 0.3 } });
  const news = newsFrom();
  const held = () => vectorsOf(view.header.vectors),
    card = hoverCard(view);
  const bar = promptBar(view, {
    onPick: look
  });
  const map = tokenMap(view, state, { point, pick, moved }),
    near = nearestList(view, { point, pick }),
    legend = mapLegend(view);
  const controls = mapControls(view, state, { change, pick, held }),
    maths = mapMaths(view),
    twin = mapTwin(view);
  const zoom = (text, title, act) => el("button", { class: "btn", type: "button", text, title, "aria-label": title, on: { click: act } });
  const zooms = el(
    "div",
    { class: "zooms", "data-export": "no" },
    zoom("+", "Zoom in", () => map.zoomAt(1.6)),
    zoom("−", "Zoom out", () => map.zoomAt(1 / 1.6)),
    zoom("All", "Show the whole map", () => map.whole())
  );
  const across = el("p", { class: "axis-name across" }),
    up = el("p", { class: "axis-name up" });
  const outside = el("p", { class: "sub outside" }),
    turned = el("p", { class: "sub turned" });
  const plot = el("div", { class: "plot" }, up, map.node, zooms, across, outside, legend.node, turned);
  const two = el("div", { class: "two" }, plot, near.node),
    below = el("div", { class: "below" }, maths.node, maths.notes);
  view.root.append(bar.node, controls.node, ...controls.axes, two, below, twin.node, twin.live);
  awaitVectors(view);
  let facts = null,
    hover = null,
    cached = {},
    fitted = "";

  function moved(n) {
    outside.replaceChildren(n ? `${count(n)} of ${count(facts.all.n)} tokens lie outside this part of the map; All shows them.` : "");
  }

  function change() {
    tell();
    view.redraw();
  }
  function choices() {
    const word = axis => (axis ? axis.join(".") : ""),
      unless = (usual, value) => (value === usual ? "" : value);
    return {
      side: unless("input", state.side),
      shade: unless("kind", state.shade),
      map: state.map,
      scale: state.scale,
      mapseed: state.mapseed,
      x: word(state.axes[0]),
      y: word(state.axes[1]),
      pick: state.pick === null ? "" : String(state.pick)
    };
  }
  function tell() {
    const said = choices();
    news.sent(wordsOf(said));
    view.set("choices", said);
  }
  const wordsOf = said => ["side", "shade", "map", "scale", "mapseed", "x", "y", "pick"].map(name => said[name] ?? "").join(" ");
  /** What a link or another model asks for, and not the echo of a choice made here. */
  function hear(said) {
    if (!news.is(wordsOf(said))) return;
    const ids = word => (word ? word.split(".").map(Number) : null), axes = [ids(said.x), ids(said.y)];
    const shade = Object.hasOwn(SHADES, said.shade) ? said.shade : "kind", side = said.side === "output" ? "output" : "input";
    const map = Object.hasOwn(MAPS, said.map ?? "") ? (said.map ?? "") : "";
    Object.assign(state, { scale: said.scale ?? "", mapseed: said.mapseed ?? "" });
    Object.assign(state, { side, shade, map, axes, draft: [...axes], pick: said.pick ? Number(said.pick) : null });
  }
  /** The token that the page speaks of. */
  const chosen = () => (state.pick !== null && state.pick < facts.all.n ? state.pick : view.header.ids[view.focus.token]);
  function pick(id) {
    point(null);
    const at = view.header.ids.lastIndexOf(id);
    if (at >= 0) return look(at);
    state.pick = id;
    tell();
    view.redraw();
  }
  /** A token of the text: Python lets go of the one picked by itself. */
  function look(token) {
    state.pick = null;
    news.sent(wordsOf(choices()));
    view.setFocus({ token });
  }
  function cosines(all, side, of) {
    const held = all.side(side),
      key = `${view.header.vectors} ${side} ${of}`;
    if (!held.rows) return view.header.of === of ? view.arrays[`cosines_${side}`] : null;
    if (!cached[key]) cached = { ...Object.fromEntries(Object.entries(cached).slice(-3)), [key]: cosinesWith(held, all.row(side, of)) };
    return cached[key];
  }

  function describe(id) {
    const placeAlong = (axis, i) => (axis.laid ? "" : `${"xyz"[i]} ${signed(axis.at[id], 3)} · `);
    const { all, side, cosines, axes, of } = facts,
      lengths = all.side(side).lengths,
      n = view.arrays.counts?.[id];
    const times = n === undefined ? "" : ` · ${count(n)} times in training`;
    return {
      value: id === of ? "chosen" : cosines ? signed(cosines[id], 3) : "…",
      place: tokenSpan(all.token(id), {}, 14),
      what:
        id === of
          ? all.kindNames[all.kind(id)] + times
          : el("span", {}, "cosine with ", tokenSpan(all.token(of), {}, 14), ` · ${all.kindNames[all.kind(id)]}${times}`).textContent,
      hook: all.side(side).matrix,
      index: `[${id},:]`,
      shape: `${axes.map(placeAlong).join("")}length ${signed(lengths[id], 3)}`
    };
  }
  function point(id) {
    if (!facts) return;
    hover = id;
    map.mark(id);
    const { all, side, cosines, axes, of } = facts;
    maths.update(all, side, cosines, axes, of, other());
    if (id === null) card.hide();
    else if (map.inside(map.xy(id))) card.show(describe(id), map.anchor(id));
  }
  const other = () =>
    hover !== null && hover !== facts.of ? hover : facts.cosines ? (largest(facts.cosines, 1, [facts.of])[0] ?? null) : null;
  map.node.addEventListener("keydown", event => {
    if (!facts || event.altKey || event.ctrlKey || event.metaKey) return;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (way && map.solid()) map.turn(way[0] * 0.15, way[1] * 0.15);
    else if (way) point(map.towards(hover ?? facts.of, ...way));
    else if (event.key === "Enter" && hover !== null) pick(hover);
    else if (event.key === "+" || event.key === "=") map.zoomAt(1.6);
    else if (event.key === "-") map.zoomAt(1 / 1.6);
    else if (event.key === "0") map.whole();
    else return;
    event.preventDefault();
  });
  map.node.addEventListener("blur", () => point(null));

  function caption(axis) {
    if (axis.laid) return axis.number > 1 ? [] : [el("b", { text: laidWords(axis.laid) })];
    return axis.custom
      ? ["from ", tokenSpan(facts.all.token(axis.from), {}, 14), " at 0 to ", tokenSpan(facts.all.token(axis.to), {}, 14), " at 1"]
      : [el("b", { text: axisName(facts.all, axis) }), ` · ${fineShare(axis.share)} of the variance`];
  }
  function solidCaption(axes) {
    const shares = axes.map(axis => fineShare(axis.share));
    const names = axes[0].turned === null ? "components 1, 2 and 3" : "axes 1, 2 and 3";
    return [el("b", { text: names }), ` · ${shares[0]}, ${shares[1]} and ${shares[2]} of the variance`];
  }
  /** Which names to try where there is room: any order will do that is the same each time and runs through the vocabulary. */
  function others(all, named) {
    const skip = new Set(named),
      rest = [];
    for (let id = 0; id < all.n; id++) if (all.kind(id) < 4 && !skip.has(id)) rest.push(id);
    return rest.sort((a, b) => (Math.imul(a, 2654435761) >>> 0) - (Math.imul(b, 2654435761) >>> 0));
  }

  return {
    draw() {
      const all = held(),
        { header, focus } = view;
      if (!all || header.ids.some(id => id >= all.n)) return;
      hear(header.choices);
      if (header.sides.length === 1) state.side = "input";
      const side = state.side,
        wide = view.width >= 780;
      two.style.gridTemplateColumns = wide ? "minmax(0, 1fr) 268px" : "minmax(0, 1fr)";
      view.mapWidth = wide ? view.width - 268 - 36 : view.width;
      view.mapHeight = view.phone ? 380 : Math.max(420, Math.min(560, window.innerHeight - 300));
      facts = { all, side };
      const of = (facts.of = chosen()),
        axes = (facts.axes = axesOf(view, all, side, state)),
        own = (facts.cosines = cosines(all, side, of));
      const shade = shading(view, all, side, state.shade),
        nearby = own ? largest(own, 8, [of]) : [];
      const ends = axes.flatMap(axis => (axis.custom ? [axis.from, axis.to] : [])),
        kinds = new Map([[of, "chosen"]]);
      for (const [list, kind] of [
        [ends, "end"],
        [header.ids, "prompt"],
        [nearby, "near"]
      ])
        for (const id of list) if (!kinds.has(id)) kinds.set(id, kind);
      const loud = [...kinds];
      bar.update(header.tokens, focus.token, `${count(header.tokens.length)} of ${count(header.n_ctx)} tokens`);
      bar.node.classList.toggle("elsewhere", state.pick !== null);
      controls.update();
      const spans = axes.map(axis => axis.custom ? [axis.from, axis.to] : axis.laid && laidWords(axis.laid)),
        fit = [all.n, side, view.mapWidth, view.mapHeight, ...spans].join();
      if (fit !== fitted) {
        fitted = fit;
        state.look = coreLook(all, axes, view.mapWidth, view.mapHeight);
        state.fit = state.look.zoom;
      }
      const rest = others(
        all,
        loud.map(([id]) => id)
      );
      map.update({
        all,
        axes,
        shade,
        of,
        fit: state.fit,
        subject: [header.vectors, side, axes.length, axes[0].laid && laidWords(axes[0].laid)].join(),
        over: (where, moving) => mapNames(all, where, loud, moving ? [] : rest, { from: of, to: nearby })
      });
      const solid = axes.length > 2;
      across.replaceChildren(...(solid ? ["drag or arrow keys turn it"] : [...caption(axes[0]), axes[0].laid ? "" : " →"]));
      up.replaceChildren(...(solid ? solidCaption(axes) : axes[0].laid ? [] : ["↑ ", ...caption(axes[1])]));
      turned.textContent = axes[0].laid ? LAID_WARNING : turnedWords(axes);
      legend.update(all, shade);
      near.update(
        all,
        of,
        header.sides.map(name => ({ name, cosines: cosines(all, name, of) }))
      );
      maths.update(all, side, own, axes, of, other());
      twin.update(facts);
    },
    name: () => `embeddings-${view.header.of}`,
    csv: () => (facts ? mapRows(view, facts) : [])
  };
});

const LAID_WARNING =
  "Distances on this map are not comparable. It keeps who is near whom by cosine; how large a group is, how dense, and how far from "
  + "another, and which way is up, mean nothing, and another perplexity, number of neighbours or seed gives another map (Wattenberg, "
  + "Viégas and Johnson 2016).";
const laidWords = ({ method, scale, seed }) => `${MAPS[method]}, ${SCALED[method].what} ${scale}, seed ${seed}`;

/** What was done to the map so that it can be followed along a run. */
function turnedWords(axes) {
  const { turned } = axes.find(axis => !axis.custom) ?? { turned: null };
  if (turned === null) return "";
  return (
    `Turned, and mirrored where that is nearer, onto the map of this run’s last checkpoint, step ${count(turned)} (Procrustes), so that `
    + "tokens move along the timeline without flipping. No distance changes. The axes are this checkpoint’s components "
    + `${axes.length > 2 ? "1 to 3" : "1 and 2"} as they lie after the turn; together they keep what the components keep, `
    + `${fineShare(axes.reduce((sum, axis) => sum + axis.share, 0))} of the variance.`
  );
}

const fineShare = share => (share < 0.0995 ? `${(share * 100).toFixed(1)}%` : `${(share * 100).toFixed(0)}%`);
