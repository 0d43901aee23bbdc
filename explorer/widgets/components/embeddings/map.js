// Embeddings, part 4: the map. Points on a canvas; names, lines and the choice over it. Drag, pinch and Ctrl + wheel move it;
// in 3-D a drag turns it.

const REACH = 15, // px within which a token is pointed at
  MOVING = 700; // ms in which points go to their places of another checkpoint or map

/** state.look is {zoom, x, y}, state.turn {yaw, pitch}; `point(id | null)` on hover, `pick(id)` on a click, `moved(n)` with how many
 * lie out of sight. */
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
    made = null,
    core = null; // in 3-D
  const fingers = new Map();
  let drag = null,
    frame_ = 0,
    move = null, // {from: [X, Y], began} while points are on their way
    spots = [[], [], null]; // of every token: px across, px down, and how near in 3-D

  const at = event => {
    const box = node.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const solid = () => axes.length > 2;
  const xy = id => [spots[0][id], spots[1][id]];
  const inside = ([x, y]) => x >= MARGIN_LEFT && x <= place.width && y >= 0 && y <= place.height - MARGIN_BOTTOM;
  function nearest([px, py], reach = REACH) {
    let best = null,
      least = reach * reach;
    for (let id = 0; id < all.n; id++) {
      const dx = spots[0][id] - px,
        dy = spots[1][id] - py,
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
    const look = state.look,
      before = solid() ? null : [place.vx(px), place.vy(py)];
    look.zoom = Math.max(1, Math.min(MOST_ZOOM, look.zoom * factor));
    if (solid() || look.zoom === 1) Object.assign(look, { x: 0, y: 0 });
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
  function turn(across, up) {
    const { yaw, pitch } = state.turn;
    state.turn = { yaw: yaw + across, pitch: Math.max(-Math.PI / 2, Math.min(Math.PI / 2, pitch + up)) };
    again();
  }
  function locate() {
    const [a, b, c] = axes.map(axis => axis.at),
      [X, Y, Z] = (spots = [new Float32Array(all.n), new Float32Array(all.n), c ? new Float32Array(all.n) : null]);
    if (c) {
      place = solidPlacement(core, view.mapWidth, view.mapHeight, state.look, state.turn);
      for (let id = 0; id < all.n; id++) [X[id], Y[id], Z[id]] = place.seen(a[id], b[id], c[id]);
    } else {
      place = placement(axes, view.mapWidth, view.mapHeight, state.look);
      for (let id = 0; id < all.n; id++) [X[id], Y[id]] = [place.px(a[id]), place.py(b[id])];
    }
    const t = move ? (performance.now() - move.began) / MOVING : 1;
    if (t >= 1) return void (move = null);
    const left = (1 - t) ** 3;
    for (let id = 0; id < all.n; id++) {
      X[id] += (move.from[0][id] - X[id]) * left;
      Y[id] += (move.from[1][id] - Y[id]) * left;
    }
  }

  node.addEventListener("pointerdown", event => {
    if (event.button) return;
    fingers.set(event.pointerId, at(event));
    drag = { from: at(event), moved: false, look: { ...state.look }, turn: { ...state.turn } };
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
    if (solid()) {
      state.turn = drag.turn;
      turn(0, 0);
      return turn(dx / 120, dy / 120);
    }
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
    const [X, Y, Z] = spots,
      order = Z && all.n <= 8000 ? Uint32Array.from(Z, (_, id) => id).sort((a, b) => Z[a] - Z[b]) : null;
    for (let n = 0; n < all.n; n++) {
      const id = order ? order[n] : n,
        x = X[id],
        y = Y[id];
      if (x < MARGIN_LEFT - 4 || x > place.width + 4 || y < -4 || y > place.height) continue;
      context.fillStyle = context.strokeStyle = shade.of(id);
      drawKind(context, all.kind(id), x, y, Z ? size * (1 + 0.6 * Z[id]) : size);
    }
    context.restore();
  }

  return {
    node,
    zoomAt,
    turn,
    solid,
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
      const before = made;
      ({ all, axes, shade } = made = now);
      core = solid() ? solidCore(all, axes) : null;
      const other = before && before.all.n === all.n && before.subject !== made.subject;
      if (other && !view.still) move = { from: spots, began: performance.now() };
      locate();
      if (before?.of !== made.of && !solid() && !move && !inside(xy(made.of))) centre(made.of);
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
      svg("g", { class: "net" }, solid() ? solidFrame(place) : axes[0].laid ? [] : mapFrame(place)),
      svg("g", { "clip-path": "url(#mapped)" }, made.over({ xy, inside, place }, Boolean(move))),
      shown
    );
    const name = axis =>
      axis.laid
        ? laidWords(axis.laid)
        : axis.custom
        ? `from ${tokenText(all.token(axis.from))} to ${tokenText(all.token(axis.to))}`
        : `${axis.turned === null ? "principal component" : "turned component"} ${axis.number}, ${pct(axis.share)} of the variance`;
    const places = axes.map((axis, i) => `${["Across", "Up", "In depth"][i]}: ${name(axis)}.`).join(" ");
    pixels.setAttribute("aria-label", `${count(all.n)} tokens. ${places}`);
    const arrows = solid() ? "Arrow keys turn it" : "Arrow keys go to the next token that way, Enter chooses it";
    node.setAttribute("aria-label", `Map of the tokens. ${arrows}, plus and minus zoom, 0 shows all.`);
    if (move) again();
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
