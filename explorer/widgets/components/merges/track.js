// Merges, part 3: the compression curve, and under it the handle that shares its axis.

const TALL = 116, TOP_EDGE = 24, BASE = 78, RAIL = 89, SIDE = 7;  // px

/** on.to(k) while it is moved. */
function mergeTrack(view, on) {
  const drawing = svg("svg", { height: TALL, width: "100%", "aria-hidden": "true" });
  const slider = { role: "slider", tabindex: 0, "aria-label": "Merges applied", "aria-orientation": "horizontal" };
  const node = el("div", { class: "track", ...slider, on: {
    pointerdown: event => {
      if (event.button) return;
      node.setPointerCapture(event.pointerId);
      box = node.getBoundingClientRect();
      node.focus({ preventScroll: true });
      move(event);
    },
    pointermove: event => { if (node.hasPointerCapture(event.pointerId)) move(event); },
    keydown: keys,
  } }, drawing);
  let at = 0, K = 0, drawn = "", parts, box;

  function move(event) {
    const share = (event.clientX - box.left - SIDE) / (box.width - 2 * SIDE);
    on.to(Math.max(0, Math.min(K, Math.round(share * K))));
  }

  function keys(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const far = Math.max(1, Math.round(K / 10));
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: far, PageDown: -far, Home: -at, End: K - at }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    at = Math.max(0, Math.min(K, at + by));  // the next key may come before this one is drawn
    on.to(at);
  }

  function build(facts, width) {
    const most = Math.max(2, facts.perToken(K));
    const x = k => SIDE + (K ? k / K : 0) * (width - 2 * SIDE), y = value => BASE - (value / most) * (BASE - TOP_EDGE);
    const step = Math.max(1, Math.floor(K / (2 * width))), points = [];
    for (let k = 0; k <= K; k += step) points.push(`${x(k).toFixed(1)},${y(facts.perToken(k)).toFixed(1)}`);
    points.push(`${x(K).toFixed(1)},${y(facts.perToken(K)).toFixed(1)}`);
    const area = [`${x(0)},${BASE}`, ...points, `${x(K)},${BASE}`].join(" ");
    const clip = svg("rect", { x: 0, y: 0, width: 0, height: BASE });
    const ticks = vocabularyTicks(K, width);
    const done = svg("line", { class: "done", x1: SIDE, y1: RAIL, y2: RAIL });
    const thumb = svg("circle", { class: "thumb", cy: RAIL, r: 6 });
    const post = svg("line", { class: "post", y2: BASE }), dot = svg("circle", { class: "dot", r: 3 });
    const last = facts.perToken(K), high = y(last) - 7;
    const end = svg("text", { class: "m tick", x: width, y: high, "text-anchor": "end", text: last.toFixed(2) });
    const said = svg("text", { class: "now", y: 13 });
    const strong = svg("tspan", { class: "strong" }), rest = svg("tspan", { class: "m", dx: 8 });
    said.append(strong, rest);
    drawing.replaceChildren(
      svg("clipPath", { id: "done" }, clip),
      svg("polygon", { class: "area", points: area }),
      svg("polygon", { class: "area on", points: area, "clip-path": "url(#done)" }),
      svg("polyline", { class: "curve", points: points.join(" ") }), end,
      svg("line", { class: "base", x1: 0, x2: width, y1: BASE + .5, y2: BASE + .5 }),
      svg("line", { class: "rest", x1: SIDE, x2: width - SIDE, y1: RAIL, y2: RAIL }), done,
      ...ticks.map(k => svg("text", { class: "m tick", x: k ? (k === K ? width : x(k)) : 0, y: TALL - 2,
        "text-anchor": k ? (k === K ? "end" : "middle") : "start", text: k ? count(BYTES + k) : `${BYTES} tokens` })),
      post, dot, thumb, said);
    return { clip, done, thumb, post, dot, said, strong, rest, end, x, y, width };
  }

  return {
    node,
    /** What a screen reader says of where the handle stands. */
    say(heard) { node.setAttribute("aria-valuetext", heard); },
    /** Draw with the handle at k. */
    show(facts, k) {
      const wanted = `${view.width} ${view.header.place}`;
      ({ K } = facts);
      at = k;
      if (wanted !== drawn) { drawn = wanted; parts = build(facts, node.clientWidth); }
      const { width, clip, done, thumb, post, dot, said, strong, rest, end, x, y } = parts, here = x(k), high = y(facts.perToken(k));
      clip.setAttribute("width", here);
      done.setAttribute("x2", here);
      thumb.setAttribute("cx", here);
      dot.setAttribute("cx", here);
      dot.setAttribute("cy", high);
      for (const [name, value] of [["x1", here], ["x2", here], ["y1", high]]) post.setAttribute(name, value);
      strong.textContent = k ? `merge ${count(k)}` : "no merge";
      rest.textContent = `${facts.perToken(k).toFixed(2)} bytes per token`;
      const room = 7.3 * (strong.textContent.length + rest.textContent.length) + 8, right = here + room > width - 2;
      said.setAttribute("text-anchor", right ? "end" : "start");
      said.setAttribute("x", right ? Math.min(width, Math.max(room, here + 6)) : Math.max(0, here - 6));
      end.style.display = here + 20 + room > width - 40 ? "none" : "";
      const aria = { valuemin: 0, valuemax: K, valuenow: k, disabled: K ? "false" : "true" };
      for (const [name, value] of Object.entries(aria)) node.setAttribute(`aria-${name}`, value);
    },
  };
}

/** The merges whose vocabulary is written under the axis: both ends, and where there is room those of round sizes between. */
function vocabularyTicks(K, width) {
  if (!K) return [0];
  const most = Math.max(1, Math.floor(width / 110)), raw = K / most;
  const step = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096].find(size => size >= raw) ?? 8192;
  const from = Math.max(step * .6, (90 * K) / width), between = [];
  for (let k = step - BYTES % step; K - k > step * .6; k += step) if (k > from) between.push(k);
  return [0, ...between, K];
}
