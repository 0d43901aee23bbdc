// Induction: the bar above the picture: play, where the handle stands, the time axis, which run, and one's own.

function controls(view, state, { play }) {
  const start = el("button", { type: "button", class: "btn play", on: { click: () => play.toggle() } });
  const now = el("span", { class: "fact" });
  const stretch = el("div", { class: "seg", role: "group", "aria-label": "Time axis", "data-export": "no" },
    [["stretched", true], ["even", false]].map(([name, value]) =>
      el("button", { type: "button", text: name, on: { click: () => { state.stretched = value; view.redraw(); } } })));
  const runs = el("select", { "data-export": "no", "aria-label": "Run", on: { change: () => view.send("run", runs.value) } });
  const runName = el("span", { class: "shown" });
  const train = el("button", { type: "button", class: "btn", text: "Train it yourself", "data-export": "no",
    on: { click: () => { train.disabled = true; view.send("train", true); } } });
  const menu = el("span", { class: "end" }, el("label", { class: "menu sub" }, "run ", runName, runs));
  const node = el("div", { class: "bar controls" }, start, now, stretch, menu, train);

  return {
    node,
    update() {
      const { run, steps, live } = view.header, ids = Object.keys(run.names);
      start.textContent = play.on ? "Pause" : "Play";
      const room = view.phone || view.width >= 800, checkpoint = room ? `  checkpoint ${state.k + 1} of ${steps.length}` : "";
      const place = live ? `  training, at step ${count(run.done)}` : checkpoint;
      now.replaceChildren("Step ", el("b", { class: "num", text: count(steps[state.k]) }), ` of ${count(run.steps)}`,
        el("span", { class: "sub", text: place }));
      [...stretch.children].forEach((button, n) => button.setAttribute("aria-pressed", state.stretched === !n));
      runs.replaceChildren(...ids.map(id => el("option", { value: id, text: run.names[id] })));
      runs.value = run.id;
      runName.textContent = run.names[run.id] ?? run.id;
      train.hidden = live;
    },
  };
}
