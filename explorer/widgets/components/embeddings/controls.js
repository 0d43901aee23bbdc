// Embeddings, part 5: which matrix, what shades the points, which axes, and a search.

/** state: {side, shade, axes}; `change()` after one of them, `pick(id)` when the search finds a token. */
function mapControls(view, state, { change, pick, held }) {
  const button = (text, title, act) =>
    el("button", {
      type: "button",
      text,
      title,
      on: {
        click: () => {
          act();
          change();
        }
      }
    });
  const seg = (name, list) =>
    el(
      "div",
      { class: "seg", role: "group", "aria-label": name },
      list.map(([, node]) => node)
    );
  const weights = letter => ["W", el("sub", { text: letter })];
  const matrices = [
    [
      "input",
      button("Input", "W_E: the vector by which a token comes in", () => {
        state.side = "input";
      })
    ],
    [
      "output",
      button("Output", "W_U: the vector by which a token is scored as the next one", () => {
        state.side = "output";
      })
    ]
  ];
  const shades = Object.entries(SHADES).map(([key, text]) => [
    key,
    button(text, SHADE_TITLES[key], () => {
      state.shade = key;
    })
  ]);
  const maps = Object.entries(MAPS).map(([key, text]) => [
    key,
    button(text, MAP_TITLES[key], () => {
      if (key !== state.map) Object.assign(state, { map: key, scale: "", mapseed: "" });
    })
  ]);
  const scaled = el("div", { class: "controls own", "data-export": "no" });
  function scales() {
    const { what, usual } = SCALED[state.map],
      now = state.scale || String(usual);
    const list = SCALES.map(n => {
      const one = button(String(n), `About ${n} others that each point minds`, () => {
        state.scale = n === usual ? "" : String(n);
      });
      one.setAttribute("aria-pressed", String(n) === now);
      return [n, one];
    });
    const seed = Number(state.mapseed || 0),
      another = button("another seed", "Begin from other chance", () => {
        state.mapseed = String(seed + 1);
      });
    another.className = "link sub";
    return [el("span", { class: "sub", text: what }), seg(what, list), el("span", { class: "sub", text: `seed ${seed}` }), another];
  }
  const which = seg("Matrix", matrices),
    tied = el(
      "span",
      { class: "sub" },
      "Input and output embedding, ",
      ...weights("E"),
      " and ",
      ...weights("U"),
      ", are one matrix in this model."
    );
  const find = tokenField("Find a token", held, pick, { placeholder: "find a token" });
  const axis = i => {
    const ends = [0, 1].map(end =>
      tokenField(
        `Axis ${"xy"[i]}, ${end ? "to" : "from"}`,
        held,
        id => {
          const now = (state.draft[i] = [...(state.draft[i] ?? [null, null])]);
          now[end] = id;
          if (now[0] !== null && now[1] !== null && now[0] !== now[1]) state.axes[i] = now;
          change();
        },
        { show: true, placeholder: end ? "to" : "from" }
      )
    );
    const clear = el("button", {
      class: "link sub",
      type: "button",
      text: `back to component ${i + 1}`,
      on: {
        click: () => {
          state.axes[i] = null;
          state.draft[i] = null;
          change();
        }
      }
    });
    const node = el(
      "span",
      { class: "axis" },
      el("span", { class: "sub", text: i ? "up:" : "across:" }),
      ends[0].node,
      "→",
      ends[1].node,
      clear
    );
    return {
      node,
      update() {
        ends.forEach((field, end) => field.set(state.draft[i]?.[end] ?? null));
        clear.hidden = !state.draft[i];
      }
    };
  };
  const own = [axis(0), axis(1)];
  const node = el(
    "div",
    { class: "controls" },
    find.node,
    which,
    tied,
    seg("Map", maps),
    el("span", { class: "by" }, el("span", { class: "sub", text: "colour by" }), seg("Colour by", shades))
  );
  const axes = el(
    "div",
    { class: "controls own", "data-export": "no" },
    el("span", { class: "sub", text: "Axes of your own:" }),
    own.map(one => one.node)
  );
  return {
    node,
    axes: [axes, scaled],
    update() {
      const one = view.header.sides.length === 1;
      which.hidden = one;
      tied.hidden = !one;
      matrices.forEach(([key, node]) => node.setAttribute("aria-pressed", key === state.side));
      shades.forEach(([key, node]) => {
        node.setAttribute("aria-pressed", key === state.shade);
      });
      shades.find(([key]) => key === "count")[1].hidden = !view.header.countable;
      maps.forEach(([key, node]) => node.setAttribute("aria-pressed", key === state.map));
      axes.hidden = state.map !== "";
      scaled.hidden = !Object.hasOwn(SCALED, state.map);
      if (!scaled.hidden) scaled.replaceChildren(...scales());
      own.forEach(one => one.update());
    }
  };
}

/** The kinds and their marks, or the scale of the shading. */
function mapLegend(view) {
  const node = el("div", { class: "legend" });
  const key = (kind, colour) => {
    const [mark, context] = canvas(10, 10);
    context.fillStyle = context.strokeStyle = colour;
    drawKind(context, kind, 5, 5, 3);
    mark.setAttribute("aria-hidden", "true");
    return mark;
  };
  return {
    node,
    update(all, shade) {
      if (shade.ends) {
        const ramp = svg(
          "svg",
          { width: 140, height: 9, "aria-hidden": "true" },
          Array.from({ length: 10 }, (_, n) => svg("rect", { x: n * 14, width: 14, height: 9, fill: view.seq(0.18 + (0.82 * n) / 9) }))
        );
        const [low, high] = shade.ends.map(text => el("span", { class: "num", text }));
        node.replaceChildren(low, ramp, high, el("span", { text: shade.means }));
        return;
      }
      const there = new Set(Array.from({ length: all.n }, (_, id) => all.kind(id)));
      node.replaceChildren(
        ...all.kindNames.flatMap((name, kind) =>
          there.has(kind) ? [el("span", { class: "key" }, key(kind, shade.colours[kind]), el("span", { text: name }))] : []
        )
      );
    }
  };
}
