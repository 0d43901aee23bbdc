// The timeline, part 2: the line with a tick a checkpoint, the validation loss over it, and the handle on it.

const HIGH = 50, LINE = 31, LOSS = [4, 22], PAD = 7;  // px

/** The slider: on.to(index) while it is moved. */
function timelineTrack(view, on) {
  const drawing = svg("svg", { height: HIGH, width: "100%", "aria-hidden": "true" });
  const slider = { role: "slider", tabindex: 0, "aria-label": "Checkpoint", "aria-orientation": "horizontal" };
  const node = el("div", { class: "track", ...slider, on: {
    pointerdown: event => {
      if (event.button) return;
      node.setPointerCapture(event.pointerId);
      node.focus({ preventScroll: true });
      move(event);
    },
    pointermove: event => { if (node.hasPointerCapture(event.pointerId)) move(event); },
    keydown: keys,
  } }, drawing);
  let xs = [], at = 0, drawn = "", parts = null;

  function move(event) {
    const box = node.getBoundingClientRect();
    on.to(nearestPlace(xs, event.clientX - box.left));
  }

  function keys(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const last = xs.length - 1, far = Math.max(1, Math.round(last / 8));
    const moves = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: far, PageDown: -far, Home: -at, End: last - at };
    if (moves[event.key] === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    at = Math.max(0, Math.min(last, at + moves[event.key]));  // the next key may come before this one is drawn
    on.to(at);
  }

  function lossLine(losses) {
    const known = losses.filter(Number.isFinite), low = Math.min(...known), high = Math.max(...known);
    const y = x => (high > low ? LOSS[1] - ((x - low) / (high - low)) * (LOSS[1] - LOSS[0]) : LOSS[1]);
    const points = losses.flatMap((x, i) => (Number.isFinite(x) ? [`${xs[i].toFixed(1)},${y(x).toFixed(1)}`] : []));
    return { points: points.length > 1 ? points.join(" ") : "", y: i => (Number.isFinite(losses[i]) ? y(losses[i]) : null) };
  }

  /** All that stands still while the handle moves; returned is what moves. */
  function build({ steps, losses }, width) {
    const over = lossLine(losses), named = labelled(xs, 46), last = steps.length - 1;
    const anchor = i => (i === 0 && last ? "start" : i === last && last ? "end" : "middle");
    const place = i => (i === 0 && last ? 0 : i === last && last ? width : xs[i]);
    const done = svg("line", { class: "done", x1: 0, y1: LINE, y2: LINE });
    const ticks = xs.map(x => svg("line", { class: "tick", x1: x, x2: x, y1: LINE - 4, y2: LINE + 4 }));
    const dot = svg("circle", { class: "dot", r: 2.5 }), thumb = svg("circle", { class: "thumb", cy: LINE, r: 6 });
    drawing.replaceChildren(
      ...(over.points ? [svg("polyline", { class: "loss", points: over.points })] : []),
      svg("line", { class: "rest", x1: 0, x2: width, y1: LINE, y2: LINE }), done, ...ticks,
      ...[...named].map(i => svg("text",
        { class: "m step", x: place(i), y: HIGH - 2, "text-anchor": anchor(i), text: count(steps[i]) })),
      dot, thumb);
    return { done, ticks, dot, thumb, y: over.y };
  }

  return {
    node,
    /** Draw the checkpoint at index `now` as the one in view; `said` is what a screen reader hears. */
    show(line, now, said) {
      const { steps, losses } = line, width = node.clientWidth, wanted = JSON.stringify([steps, losses, width]);
      at = now;
      if (wanted !== drawn) {
        drawn = wanted;
        xs = places(steps).map(place => PAD + place * (width - 2 * PAD));
        parts = build(line, width);
      }
      const { done, ticks, dot, thumb, y } = parts, high = y(now);
      done.setAttribute("x2", xs[now]);
      ticks.forEach((tick, i) => tick.classList.toggle("on", i <= now));
      dot.style.display = high === null ? "none" : "";
      for (const [name, value] of [["cx", xs[now]], ["cy", high ?? 0]]) dot.setAttribute(name, value);
      thumb.setAttribute("cx", xs[now]);
      const heard = { valuemin: 0, valuemax: steps.length - 1, valuenow: now, valuetext: said };
      for (const [name, value] of Object.entries(heard)) node.setAttribute(`aria-${name}`, value);
    },
  };
}
