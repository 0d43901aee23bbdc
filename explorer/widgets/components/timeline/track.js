// The timeline, part 2: the line with a tick a checkpoint, the validation loss over it, and the handle on it.

const HIGH = 50, LINE = 31, LOSS = [4, 22], PAD = 7;  // px

/** The slider: on.to(index) while it is moved. */
function timelineTrack(view, on) {
  const drawing = svg("svg", { height: HIGH, width: "100%", "aria-hidden": "true" });
  const node = el("div", { class: "track", role: "slider", tabindex: 0, "aria-label": "Checkpoint", "aria-orientation": "horizontal", on: {
    pointerdown: event => {
      if (event.button) return;
      node.setPointerCapture(event.pointerId);
      node.focus({ preventScroll: true });
      move(event);
    },
    pointermove: event => { if (node.hasPointerCapture(event.pointerId)) move(event); },
    keydown: keys,
  } }, drawing);
  let xs = [], at = 0, drawn = "";

  function move(event) {
    const box = node.getBoundingClientRect();
    on.to(nearestPlace(xs, event.clientX - box.left));
  }

  function keys(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const last = xs.length - 1, far = Math.max(1, Math.round(last / 8));
    const to = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, PageUp: at + far, PageDown: at - far, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    on.to(Math.max(0, Math.min(last, to)));
  }

  function lossLine(losses) {
    const known = losses.filter(Number.isFinite), low = Math.min(...known), high = Math.max(...known);
    const y = x => (high > low ? LOSS[1] - ((x - low) / (high - low)) * (LOSS[1] - LOSS[0]) : LOSS[1]);
    const points = losses.flatMap((x, i) => (Number.isFinite(x) ? [`${xs[i].toFixed(1)},${y(x).toFixed(1)}`] : []));
    return { points: points.length > 1 ? points.join(" ") : "", y: i => (Number.isFinite(losses[i]) ? y(losses[i]) : null) };
  }

  return {
    node,
    /** Draw the checkpoint at index `now` as the one in view; `said` is what a screen reader hears. */
    show({ steps, losses }, now, said) {
      const width = node.clientWidth;
      at = now;
      xs = places(steps).map(place => PAD + place * (width - 2 * PAD));
      node.setAttribute("aria-valuemin", 0);
      node.setAttribute("aria-valuemax", steps.length - 1);
      node.setAttribute("aria-valuenow", now);
      node.setAttribute("aria-valuetext", said);
      const wanted = JSON.stringify([steps, losses, now, width]);
      if (wanted === drawn) return;
      drawn = wanted;
      const over = lossLine(losses), named = labelled(xs, 46), last = steps.length - 1;
      const anchor = i => (i === 0 && last ? "start" : i === last && last ? "end" : "middle");
      const place = i => (i === 0 && last ? 0 : i === last && last ? width : xs[i]);
      drawing.replaceChildren(...[
        over.points && svg("polyline", { class: "loss", points: over.points }),
        svg("line", { class: "rest", x1: 0, x2: width, y1: LINE, y2: LINE }),
        svg("line", { class: "done", x1: 0, x2: xs[now], y1: LINE, y2: LINE }),
        ...xs.map((x, i) => svg("line", { class: i <= now ? "tick on" : "tick", x1: x, x2: x, y1: LINE - 4, y2: LINE + 4 })),
        ...[...named].map(i => svg("text", { class: "m step", x: place(i), y: HIGH - 2, "text-anchor": anchor(i), text: count(steps[i]) })),
        over.y(now) !== null && svg("circle", { class: "dot", cx: xs[now], cy: over.y(now), r: 2.5 }),
        svg("circle", { class: "thumb", cx: xs[now], cy: LINE, r: 6 }),
      ].filter(Boolean));
    },
  };
}
