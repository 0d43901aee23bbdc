// Sampling, part 3: the sliders, what they are called and how they move; presets, draws, seed.

const decimals = (value, n = 2) => Number(value.toFixed(n));
/** A setting as it is written: at least 2 decimals, more if it was typed so. */
const written = value => {
  const hundredths = Math.abs(value * 100 - Math.round(value * 100)) < 1e-9;
  return value === 0 ? "0" : hundredths ? value.toFixed(2) : String(value);
};

/** at(value, V) -> place in [0, 1]; from(place, V) -> value; by(value, direction, large, V) -> the value a key moves to. */
const SLIDERS = {
  temperature: { name: "Temperature", text: written, at: v => v / 2, from: p => decimals(2 * p), by: stepper(0.05, 0.25, 0, 2) },
  top_k: { name: "Top-k", whole: true, text: (v, V) => (v === 0 || v >= V ? "all" : count(v)),
    at: (k, V) => (k === 0 || k >= V ? 1 : Math.log(k) / Math.log(V)),
    from: (p, V) => { const k = Math.round(V ** p); return k >= V || p >= 1 ? 0 : Math.max(1, k); },
    by: (k, way, large, V) => {
      const now = k === 0 || k >= V ? V : k;
      const to = large ? Math.round(way > 0 ? now * 2 : now / 2)
        : now + way * Math.max(1, Math.round(10 ** Math.floor(Math.log10(way > 0 ? now : now - 1 || 1)) / 2));
      return to >= V ? 0 : Math.max(1, to);
    } },
  top_p: { name: "Top-p", text: written, at: v => v, from: p => decimals(p), by: stepper(0.01, 0.1, 0, 1) },
  min_p: { name: "Min-p", text: written, at: v => Math.sqrt(v), from: p => decimals(p * p, p < 0.3 ? 3 : 2), by: stepper(0.01, 0.1, 0, 1) },
  repetition_penalty: { name: "Repetition penalty", text: written, at: v => v - 1, from: p => decimals(1 + p),
    by: stepper(0.05, 0.25, 1, 2) },
};

function stepper(small, large, least, most) {
  return (value, way, big) => decimals(Math.max(least, Math.min(most, value + way * (big ? large : small))), 3);
}

/** The filters of each preset; what it does not name is off. */
const OFF = { temperature: 1, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1 };
const PRESETS = {
  Greedy: { ...OFF, temperature: 0 },
  Balanced: null,  // the opening, from Python
  Wild: { ...OFF, temperature: 1.8 },
  Off: OFF,
};
const PRESET_TITLES = { Greedy: "Temperature 0: always the highest score", Balanced: "The settings this page opens with",
  Wild: "Temperature 1.80, nothing removed",
  Off: "The model's own probabilities: no filter" };

const sameFilters = (a, b) => Object.keys(OFF).every(key => a[key] === b[key]);

/** One slider: name, number to type in, track. `change(value)` while it moves. */
function slider(key, { change, focus, limits, size }) {
  const spec = SLIDERS[key], id = `slider-${key}`;
  let value = 0;
  const range = el("input", { type: "range", id, min: 0, max: 1000, step: 1, on: {
    input: () => change(spec.from(range.value / 1000, size())), focus: () => focus(key), blur: () => focus(null), keydown: keys } });
  const number = el("input", { class: "number num", type: "text", inputmode: "decimal", autocomplete: "off",
    "aria-label": `${spec.name}, as a number`, on: {
    focus: () => number.select(), blur: () => typed(), keydown: event => {
      if (event.key === "Enter") typed();
      if (event.key === "Escape") { show(value); number.select(); }
    } } });
  const node = el("div", { class: "slider" }, el("label", { for: id, text: spec.name }), number, range);

  function keys(event) {
    const way = { ArrowRight: 1, ArrowUp: 1, PageUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: -1 }[event.key];
    const end = { Home: 0, End: 1 }[event.key];
    if ((way === undefined && end === undefined) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    change(end === undefined ? spec.by(value, way, event.shiftKey || event.key.startsWith("Page"), size()) : spec.from(end, size()));
  }
  function typed() {
    const words = number.value.trim().replace(",", "."), least = limits()[key][0], most = limits()[key][1];
    const given = spec.whole && /^(all|off)$/i.test(words) ? 0 : /^\d*\.?\d+$/.test(words) ? Number(words) : NaN;
    const good = Number.isFinite(given) && (!spec.whole || Number.isInteger(given));
    const from = value, to = good ? decimals(Math.max(least, Math.min(most, given)), 4) : from;
    number.value = "";
    show(to);
    if (to !== from) change(to);
  }
  function show(now) {
    value = now;
    const place = Math.max(0, Math.min(1, spec.at(now, size()))), text = spec.text(now, size());
    if (range.value !== String(Math.round(place * 1000))) range.value = Math.round(place * 1000);
    range.style.setProperty("--at", place);
    range.setAttribute("aria-valuetext", text);
    if (number.getRootNode().activeElement !== number || number.value === "") number.value = text;
  }
  const showNew = now => {
    if (now !== value || !number.value) number.value = "";
    show(now);
  };
  return { node, show: showNew, place: now => spec.at(now, size()), from: p => spec.from(p, size()) };
}

/** All controls. act: {change(key, value), preset(filters), draw(n), seed(value), reset(), focus(key)}; get: {limits(), size()}. */
function samplerControls(act, get) {
  const sliders = Object.fromEntries(Object.keys(SLIDERS).map(key =>
    [key, slider(key, { change: value => act.change(key, value), focus: act.focus, ...get })]));
  const presets = Object.keys(PRESETS).map(name => el("button",
    { type: "button", text: name, title: PRESET_TITLES[name], on: { click: () => act.preset(PRESETS[name]) } }));
  const one = el("button", { class: "btn primary", type: "button", text: "Draw one", on: { click: () => act.draw(1) } });
  const many = el("button", { class: "btn", type: "button", text: "1,000 draws", on: { click: () => act.draw(SOME) } });
  const reset = el("button", { class: "link", type: "button", "data-export": "no", text: "Reset", on: { click: act.reset } });
  const seed = el("input", { class: "number num", type: "text", inputmode: "numeric", autocomplete: "off", "aria-label": "Seed", on: {
    keydown: event => { if (event.key === "Enter") seed.blur(); }, blur: () => {
      const most = get.limits().seed[1], given = /^\d{1,10}$/.test(seed.value.trim()) ? Math.min(most, Number(seed.value)) : null;
      if (given === null) seed.value = seed.dataset.now; else if (String(given) !== seed.dataset.now) act.seed(given);
    } } });
  const said = el("span"), spread = el("div", { class: "num fact" }), choices = el("div", { class: "sub" });
  const node = el("section", { class: "controls" },
    el("div", { class: "seg", role: "group", "aria-label": "Presets" }, presets),
    el("div", { class: "sliders" }, Object.values(sliders).map(({ node: part }) => part)),
    el("div", { class: "buttons", "data-export": "no" }, one, many),
    el("p", { class: "sub seed" }, "Seed ", seed, ". ", said, reset),
    el("div", { class: "entropy" }, el("div", { class: "sub", text: "Entropy, nats" }), spread, choices));
  return {
    node, sliders,
    update(settings, opening, board, result, drawn) {
      for (const [key, part] of Object.entries(sliders)) part.show(settings[key]);
      presets.forEach(button => button.setAttribute("aria-pressed", sameFilters(settings, PRESETS[button.textContent] ?? opening)));
      if (seed.getRootNode().activeElement !== seed) seed.value = seed.dataset.now = String(settings.seed);
      seed.style.width = `${Math.max(1, String(settings.seed).length)}ch`;
      many.disabled = one.disabled = settings.draws >= get.limits().draws[1];
      said.textContent = drawn ? `${count(drawn)} draw${drawn > 1 ? "s" : ""} so far. ` : "The same seed and sliders draw the same words. ";
      reset.hidden = !drawn && settings.seed === opening.seed && sameFilters(settings, opening);
      spread.replaceChildren(signed(board.entropy), el("span", { class: "faint", text: " → " }), signed(result.entropy));
      choices.textContent = `like ${choicesText(board.entropy)} → ${choicesText(result.entropy)} equal choices`;
    },
  };
}

/** e to the entropy. */
function choicesText(nats) {
  const n = Math.exp(nats);
  return n < 99.95 ? n.toFixed(1) : count(n);
}
