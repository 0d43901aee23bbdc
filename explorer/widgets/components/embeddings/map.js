// Embeddings, part 4: the map. Points on a canvas; names, lines and the choice over it. Drag, pinch and Ctrl + wheel move it.

const REACH = 15; // px within which a token is pointed at

/** state.look is {zoom, x, y}; `point(id | null)` on hover, `pick(id)` on a click, `moved(n)` with how many lie out of sight. */
function tokenMap(view, state, { point, pick, moved }) {
  const pixels = el("canvas", { role: "img" }),
    over = svg("svg", { "aria-hidden": "true" });
  const node = el("div", { class: "map", tabindex: 0, role: "group" }, pixels, over);
  let all = null,
    axes = null,
    place = null,
    shade = null,
    marked = null,
    shown = null,
    made = null;
  const fingers = new Map();
  let drag = null,
    frame_ = 0;

  const at = event => {
    const box = node.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const xy = id => [place.px(axes[0].at[id]), place.py(axes[1].at[id])];
  const inside = ([x, y]) => x >= MARGIN_LEFT && x <= place.width && y >= 0 && y <= place.height - MARGIN_BOTTOM;
  function nearest([px, py], reach = REACH) {
    let best = null,
      least = reach * reach;
    for (let id = 0; id < all.n; id++) {
      const dx = place.px(axes[0].at[id]) - px,
        dy = place.py(axes[1].at[id]) - py,
        d = dx * dx + dy * dy;
      if (d < least || (d === least && id === marked)) {
        least = d;
        best = id;
      }
    }
    return best !== null && inside(xy(best)) ? best : null;
  }
  /** Zoom by a factor; what lies at (px, py) stays there. */
  function zoomAt(factor, px = (place.width + MARGIN_LEFT) / 2, py = (place.height - MARGIN_BOTTOM) / 2) {
    const before = [place.vx(px), place.vy(py)],
      look = state.look;
    look.zoom = Math.max(1, Math.min(MOST_ZOOM, look.zoom * factor));
    if (look.zoom === 1) Object.assign(look, { x: 0, y: 0 });
    else {
      locate();
      look.x += (place.px(before[0]) - px) / look.zoom;
      look.y += (place.py(before[1]) - py) / look.zoom;
    }
    again();
  }
  function again() {
    frame_ ||= requestAnimationFrame(() => {
      frame_ = 0;
      if (node.isConnected) draw();
    });
  }
  function locate() {
    place = placement(axes, view.mapWidth, view.mapHeight, state.look);
  }

  node.addEventListener("pointerdown", event => {
    if (event.button) return;
    fingers.set(event.pointerId, at(event));
    drag = { from: at(event), moved: false, look: { ...state.look } };
    if (event.pointerType === "mouse") node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", event => {
    if (!place) return;
    const now = at(event),
      before = fingers.get(event.pointerId);
    if (!before) return void point(event.pointerType === "mouse" ? nearest(now) : null);
    if (fingers.size === 2) {
      const other = [...fingers.entries()].find(([id]) => id !== event.pointerId)[1],
        gap = ([x, y]) => Math.hypot(x - other[0], y - other[1]);
      fingers.set(event.pointerId, now);
      drag.moved = true;
      if (gap(before) > 8) zoomAt(gap(now) / gap(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
      return;
    }
    fingers.set(event.pointerId, now);
    const dx = now[0] - drag.from[0],
      dy = now[1] - drag.from[1];
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    drag.moved = true;
    point(null);
    Object.assign(state.look, { x: drag.look.x - dx / state.look.zoom, y: drag.look.y - dy / state.look.zoom });
    again();
  });
  const lift = event => {
    const tapped = fingers.delete(event.pointerId) && drag && !drag.moved && event.type === "pointerup";
    if (!fingers.size) drag = null;
    const id = tapped ? nearest(at(event), event.pointerType === "mouse" ? REACH : 24) : null;
    if (id !== null) pick(id);
  };
  for (const type of ["pointerup", "pointercancel"]) node.addEventListener(type, lift);
  node.addEventListener("pointerleave", () => point(null));
  node.addEventListener("dblclick", event => zoomAt(2, ...at(event)));
  node.addEventListener(
    "wheel",
    event => {
      if (!event.ctrlKey && !event.metaKey) return; // a plain wheel scrolls the page
      event.preventDefault();
      zoomAt(Math.exp(-event.deltaY / 200), ...at(event));
    },
    { passive: false }
  );

  /** The token that lies most nearly in a direction from another, close by. */
  function towards(from, dx, dy) {
    const [x, y] = xy(from);
    let best = from,
      least = Infinity;
    for (let id = 0; id < all.n; id++) {
      const [ax, ay] = xy(id),
        along = (ax - x) * dx + (ay - y) * dy,
        off = Math.abs((ax - x) * dy - (ay - y) * dx);
      if (id === from || along < 1 || off > along || along + 2 * off >= least || !inside([ax, ay])) continue;
      least = along + 2 * off;
      best = id;
    }
    return best;
  }

  function points() {
    const [, context] = canvas(place.width, place.height, pixels),
      size = all.n > 8000 ? 1.3 : all.n > 2500 ? 1.8 : 2.4;
    context.save();
    context.beginPath();
    context.rect(MARGIN_LEFT, 0, place.width - MARGIN_LEFT, place.height - MARGIN_BOTTOM);
    context.clip();
    context.globalAlpha = all.n > 8000 ? 0.5 : 0.72;
    for (let id = 0; id < all.n; id++) {
      const x = place.px(axes[0].at[id]),
        y = place.py(axes[1].at[id]);
      if (x < MARGIN_LEFT - 4 || x > place.width + 4 || y < -4 || y > place.height) continue;
      context.fillStyle = context.strokeStyle = shade.of(id);
      drawKind(context, all.kind(id), x, y, size);
    }
    context.restore();
  }

  return {
    node,
    zoomAt,
    get place() {
      return place;
    },
    xy,
    inside,
    nearest,
    towards,
    whole() {
      state.look = { zoom: 1, x: 0, y: 0 };
      again();
    },
    anchor(id) {
      const box = node.getBoundingClientRect(),
        [x, y] = xy(id);
      return { left: box.left + x - 4, right: box.left + x + 4, top: box.top + y - 8, bottom: box.top + y + 8 };
    },
    mark(id) {
      marked = id;
      if (shown) shown.replaceWith((shown = ring(id)));
    },
    update(now) {
      const before = made?.of;
      ({ all, axes, shade } = made = now);
      locate();
      if (before !== made.of && !inside(xy(made.of))) centre(made.of);
      draw();
    }
  };

  /** Bring a token that was chosen elsewhere into sight. */
  function centre(id) {
    const [x, y] = xy(id),
      look = state.look;
    look.x += (x - (MARGIN_LEFT + (place.width - MARGIN_LEFT) / 2)) / look.zoom;
    look.y += (y - (place.height - MARGIN_BOTTOM) / 2) / look.zoom;
  }

  function draw() {
    locate();
    node.style.height = `${place.height}px`;
    node.style.touchAction = state.look.zoom > 1.01 * made.fit ? "none" : "pan-y";  // at first a finger scrolls the page
    points();
    shown = ring(marked);
    fill(over, { width: place.width, height: place.height }, []);
    const clip = svg(
      "clipPath",
      { id: "mapped" },
      svg("rect", { x: MARGIN_LEFT, width: place.width - MARGIN_LEFT, height: place.height - MARGIN_BOTTOM })
    );
    over.replaceChildren(
      clip,
      svg("g", { class: "net" }, mapFrame(place)),
      svg("g", { "clip-path": "url(#mapped)" }, made.over({ xy, inside, place })),
      shown
    );
    const name = axis =>
      axis.custom
        ? `from ${tokenText(all.token(axis.from))} to ${tokenText(all.token(axis.to))}`
        : `principal component ${axis.number}, ${pct(axis.share)} of the variance`;
    pixels.setAttribute("aria-label", `${count(all.n)} tokens. Across: ${name(axes[0])}. Up: ${name(axes[1])}.`);
    node.setAttribute(
      "aria-label",
      "Map of the tokens. Arrow keys go to the next token that way, Enter chooses it, plus and minus zoom, 0 shows all."
    );
    let outside = 0;
    for (let id = 0; id < all.n; id++) outside += !inside(xy(id));
    moved(outside);
  }

  function ring(id) {
    if (id === null || id === undefined || !place) return svg("g");
    const [cx, cy] = xy(id);
    return svg("circle", { class: "hovered", cx, cy, r: 6 });
  }
}
