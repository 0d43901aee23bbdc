// Curves, part 7: which axis, log or not, how smooth. What was chosen is kept in the browser under the picture's key.

const memory = key => {
  try { return JSON.parse(sessionStorage.getItem(`vitrine-curves-${key}`)) ?? {}; } catch { return {}; }
};
const remember = (key, { kind, log, width }) => {
  try {
    sessionStorage.setItem(`vitrine-curves-${key}`, JSON.stringify({ kind, log, width }));
  } catch { /* a private window keeps nothing */ }
};

/** act: {kind(name), log(on), width(steps), reset()}. */
function curveControls(act) {
  const kinds = el("div", { class: "seg", role: "group", "aria-label": "Along the axis" });
  const log = el("button", { type: "button", text: "Log", title: "Equal ratios take equal room", on: { click: () => act.log() } });
  const reset = el("button", { class: "link", type: "button", text: "Reset zoom", on: { click: () => act.reset() } });
  const range = el("input", { type: "range", min: 0, max: 1, step: 1, "aria-label": "Smoothing",
    on: { input: () => act.width(WIDTHS[Number(range.value)]) } });
  const value = el("output", { class: "num" });
  const smooth = el("label", { class: "smooth" }, el("span", { text: "Smoothing" }), range, value);
  const node = el("div", { class: "controls", "data-export": "no" }, kinds, el("div", { class: "seg" }, log), reset, smooth);
  let offered = "";
  return {
    node,
    update(state, available, longest, canSmooth) {
      if (available.join() !== offered) {
        offered = available.join();
        kinds.replaceChildren(...available.map(kind => el("button", { type: "button", text: AXES[kind].name, "data-kind": kind,
          on: { click: () => act.kind(kind) } })));
      }
      for (const button of kinds.children) button.setAttribute("aria-pressed", button.dataset.kind === state.kind);
      kinds.hidden = available.length < 2;
      log.setAttribute("aria-pressed", state.log);
      reset.hidden = !state.zoom;
      const most = Math.max(1, WIDTHS.findLastIndex(width => width <= longest / 4)), at = Math.max(0, WIDTHS.indexOf(state.width));
      range.max = Math.max(most, at);
      range.value = at;
      range.style.setProperty("--at", at / Math.max(most, at));
      const said = state.width ? `±${count(state.width)} step${state.width > 1 ? "s" : ""}` : "off";
      range.setAttribute("aria-valuetext", said);
      value.textContent = said;
      smooth.hidden = !canSmooth;
    },
  };
}
