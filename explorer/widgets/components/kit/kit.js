// The kit, part 1: what every picture stands on. It is put before the picture's own script (component.py).
//
//   export default picture(view => { ...build once...; return { draw() {}, csv: () => rows, name: () => "flow" } });
//
// view.root    the div to fill           view.header  JSON object given to pack()   view.arrays  typed arrays, each with .shape
// view.dark    theme (draw reruns)       view.width   px, view.phone under 700      view.still   reduced motion asked for
// view.focus   {layer, head, token}      view.setFocus({token: 3}) repaints at once, tells Python after a pause
// view.set(name, value) a state value    view.send(name, value) a trigger           view.redraw() on the next frame
// draw() runs on new data, theme, width and focus. csv() gives rows of exactly what is drawn; the share row saves them.

const SVG = "http://www.w3.org/2000/svg";

/** HTML element. Attributes: `class`, `text`, `style` (object), `on` ({event: fn}), others as given; undefined is left out. */
function el(tag, attributes = {}, ...children) { return fill(document.createElement(tag), attributes, children); }
/** SVG element, same arguments as el(). */
function svg(tag, attributes = {}, ...children) { return fill(document.createElementNS(SVG, tag), attributes, children); }

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else if (name === "on") for (const [event, fn] of Object.entries(value)) node.addEventListener(event, fn);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter(child => child !== undefined && child !== null && child !== false));
  return node;
}

/** A canvas of width x height CSS px, sharp on any screen: [canvas, 2-D context in CSS px]. Give the old one to resize it. */
function canvas(width, height, node = el("canvas")) {
  const ratio = window.devicePixelRatio || 1;
  node.width = Math.max(1, Math.round(width * ratio));
  node.height = Math.max(1, Math.round(height * ratio));
  node.style.width = `${width}px`;
  node.style.height = `${height}px`;
  const context = node.getContext("2d");
  context.setTransform(node.width / width, 0, 0, node.height / height, 0, 0);
  return [node, context];
}

/** A function that tells whether any of what it is given is another than the last time; arrays are compared by their numbers. */
function changing() {
  const same = (a, b) => Object.is(a, b)
    || (ArrayBuffer.isView(a) && ArrayBuffer.isView(b) && a.length === b.length && a.every((x, i) => Object.is(x, b[i])));
  let last = [];
  return (...now) => {
    const before = last;
    last = now;
    return now.length !== before.length || !now.every((one, i) => same(one, before[i]));
  };
}

// ---- colour: everything is read from tokens.css, so that one file says it for both themes

/** The value of a token, e.g. css(view.host, "--attn"). In SVG and HTML write var(--attn) instead. */
const css = (host, name) => getComputedStyle(host).getPropertyValue(name).trim();
/** A role colour at `percent` strength, for style attributes. */
const wash = (role, percent) => `color-mix(in oklab, var(--${role}) ${percent}%, transparent)`;

function hex(colour) { return [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16)); }

/** 256-step table of a token list as [r, g, b] rows, interpolated in sRGB. */
function ramp(host, name) {
  const stops = css(host, name).split(",").map(stop => hex(stop.trim()));
  return Array.from({ length: 256 }, (_, n) => {
    const t = (n / 255) * (stops.length - 1), i = Math.min(stops.length - 2, Math.floor(t)), f = t - i;
    return stops[i].map((a, k) => Math.round(a + (stops[i + 1][k] - a) * f));
  });
}

/** Colour scales of the theme now on. rgb variants give [r, g, b] for ImageData; on(t) is the text colour for a seq cell. */
function scales(host) {
  const seq = ramp(host, "--seq"), div = ramp(host, "--div");
  const at = (table, t) => table[Math.max(0, Math.min(255, Math.round((Number.isFinite(t) ? t : 0) * 255)))];
  const text = rgb => `rgb(${rgb.join()})`;
  return {
    seqRgb: t => at(seq, t), seq: t => text(at(seq, t)),
    divRgb: (v, limit) => at(div, limit > 0 ? (v / limit + 1) / 2 : 0.5),
    div: (v, limit) => text(at(div, limit > 0 ? (v / limit + 1) / 2 : 0.5)),
    on: t => (t > 0.52 ? "var(--paper)" : "var(--ink)"),
  };
}

function isDark(host) {
  const probe = css(host, "--st-background-color");
  const rgb = probe.startsWith("#") && probe.length >= 7 ? hex(probe) : (probe.match(/[\d.]+/g) || [255, 255, 255]).map(Number);
  return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2] < 128;
}

// ---- payload: u32 length, JSON padded to 8 bytes, then arrays at multiples of 8 from there (component.pack)

const DTYPES = { float32: Float32Array, float64: Float64Array, uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array,
  int16: Int16Array, uint32: Uint32Array, int32: Int32Array };

function unpack(bytes) {
  const whole = bytes.byteOffset % 8 ? bytes.slice() : bytes;
  const length = new DataView(whole.buffer, whole.byteOffset, 4).getUint32(0, true);
  const { header, arrays } = JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + length)));
  const views = Object.create(null);
  for (const [name, { dtype, shape, offset }] of Object.entries(arrays)) {
    const count = shape.reduce((a, b) => a * b, 1);
    views[name] = Object.assign(new DTYPES[dtype](whole.buffer, whole.byteOffset + 4 + length + offset, count), { shape });
  }
  return { header, arrays: views };
}

// ---- the life of a picture

const instances = new WeakMap();

/** Wrap a builder into Streamlit's default export: once per place on the page, redrawn on data, theme, width and focus. */
function picture(build) {
  return ({ data, parentElement, setStateValue, setTriggerValue }) => {
    let live = instances.get(parentElement);
    if (!live) instances.set(parentElement, (live = start(build, parentElement)));
    Object.assign(live.view, { set: setStateValue, send: setTriggerValue });
    receive(live, data);
    return () => {
      live.observer.disconnect();
      cancelAnimationFrame(live.frame);
      clearTimeout(live.timer);
      live.steps.stop();
      live.parts.forEach(part => part.remove());
      unregister(live.view.host);
      live.made?.destroy?.();
      instances.delete(parentElement);
    };
  };
}

function start(build, parentElement) {
  const host = parentElement.host ?? parentElement;
  const root = parentElement.querySelector(".picture");
  const view = { host, root, header: {}, arrays: {}, focus: {}, width: 0, phone: false, dark: false, still: false };
  const live = { view, build, parts: [], sent: null, timer: 0, frame: 0, steps: keptSteps(sent => show(live, sent)) };
  view.redraw = () => { live.frame ||= requestAnimationFrame(() => { live.frame = 0; paint(live); }); };
  view.keep = part => { live.parts.push(part); return part; };
  view.setFocus = change => {
    view.focus = { ...view.focus, ...change };
    view.redraw();
    clearTimeout(live.timer);
    live.sent = { focus: JSON.stringify(view.focus), at: Infinity };
    live.timer = setTimeout(() => {
      live.timer = 0;
      live.sent.at = performance.now();
      view.set("focus", { ...view.focus, at: Date.now() });
    }, 180);
  };
  live.observer = new ResizeObserver(() => { if (Math.round(root.clientWidth) !== view.width) view.redraw(); });
  live.observer.observe(root);
  return live;
}

function receive(live, data) {
  const sent = data instanceof Uint8Array ? { bytes: data, ...unpack(data) } : { header: data ?? {}, arrays: {} };
  if (live.steps.take(sent) || !live.made) show(live, sent);
}

function show(live, { header, arrays }) {
  const { view } = live;
  Object.assign(view, { header, arrays });
  const focus = view.header.focus;
  if (focus) {  // what the reader did since that answer was asked for wins over the answer
    const late = live.sent && JSON.stringify(pick(focus, view.focus)) !== live.sent.focus && performance.now() - live.sent.at < 2000;
    const asked = live.sent && live.sent.at === Infinity;
    const gone = view.focus.token >= (view.header.tokens?.length ?? Infinity);
    if (gone || (!late && !asked)) { view.focus = focus; live.sent = null; }
  }
  view.root.classList.toggle("dark", (view.dark = isDark(view.host)));
  view.host.dataset.theme = view.dark ? "dark" : "light";
  view.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  Object.assign(view, scales(view.host));
  if (!live.made) {
    live.made = live.build(view) ?? {};
    register(view, live.made);
  }
  if (view.root.clientWidth) paint(live);
}

function pick(source, like) { return Object.fromEntries(Object.keys(like).map(key => [key, source[key]])); }

function paint(live) {
  const { view } = live;
  if (!live.made || !view.root.isConnected) return;
  view.width = Math.round(view.root.clientWidth);
  if (!view.width) return;
  view.phone = window.innerWidth < 700;
  live.made.draw?.();
}
