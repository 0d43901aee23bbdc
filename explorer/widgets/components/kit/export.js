// The kit, part 6: what leaves the page. The share row (share.js) asks the pictures registered here.
// A picture gives csv(): rows of exactly what is drawn, and name(); its SVG and PNG are taken from the drawn page itself:
// every colour resolved, canvases as images, text as text. Mark what must stay out with data-export="no".

const { register, unregister, registered, csvText, snapshot, save } = (() => {

const pictures = (globalThis.vitrinePictures ??= new Map());

function register(view, made) { pictures.set(view.host, { view, made }); }
function unregister(host) { pictures.delete(host); }
/** The pictures now on the page that can be shared, from top to bottom. */
function registered() {
  const shown = [...pictures.values()].filter(({ view, made }) => made.csv && view.root.isConnected && view.root.clientHeight);
  return shown.sort((a, b) => a.view.root.getBoundingClientRect().top - b.view.root.getBoundingClientRect().top);
}

/** Rows to CSV (RFC 4180). A cell that a spreadsheet would run as a formula gets a leading apostrophe; numbers are left alone. */
function csvText(rows) {
  const cell = value => {
    if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
    let text = value === null || value === undefined ? "" : String(value);
    if (/^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return "\uFEFF" + rows.map(row => Array.from(row, cell).join(",")).join("\r\n") + "\r\n";
}

function download(blob, file) {
  const link = el("a", { href: URL.createObjectURL(blob), download: file });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const resolved = new Map();
/** Any CSS colour as [#rrggbb, opacity]: color-mix() and oklab() are not read outside browsers. */
function plainColour(colour) {
  if (!resolved.has(colour)) {
    pixel.canvas.width = pixel.canvas.height = 1;
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    resolved.set(colour, ["#" + [r, g, b].map(v => v.toString(16).padStart(2, "0")).join(""), a / 255]);
  }
  return resolved.get(colour);
}

const STYLES = ["stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity", "font-family", "font-size",
  "font-weight",
  "font-style", "text-anchor", "dominant-baseline", "letter-spacing", "transform", "transform-origin", "clip-path",
  "paint-order"];
const PLAIN = { "stroke-dasharray": "none", "stroke-linecap": "butt", "stroke-linejoin": "miter", opacity: "1", "font-style": "normal",
  "text-anchor": "start", "dominant-baseline": "auto", "letter-spacing": "normal", transform: "none", "clip-path": "none",
  "paint-order": "normal" };

function inline(source, copy) {
  const style = getComputedStyle(source);
  if (style.display === "none" || style.visibility === "hidden" || source.dataset?.export === "no") return copy.remove();
  for (const name of ["fill", "stroke"]) {
    const value = style.getPropertyValue(name);
    if (value === "none" || value.startsWith("url")) { copy.setAttribute(name, value); continue; }
    const [colour, alpha] = plainColour(value);
    copy.setAttribute(name, colour);
    const opacity = alpha * Number(style.getPropertyValue(`${name}-opacity`));
    if (opacity < 1) copy.setAttribute(`${name}-opacity`, opacity.toFixed(3));
  }
  const drawnText = source instanceof SVGTextContentElement;
  for (const name of STYLES) {
    const value = style.getPropertyValue(name);
    if (name.startsWith("font") && !drawnText) continue;
    if (name.startsWith("transform") && (source.hasAttribute("transform") || style.transform === "none")) continue;
    if (value && value !== PLAIN[name]) copy.setAttribute(name, value);
  }
  copy.removeAttribute("style");
  copy.removeAttribute("class");
  const copies = [...copy.children];
  [...source.children].forEach((child, i) => inline(child, copies[i]));
}

const MARGIN = 16;  // px of paper around a saved picture

/** The picture as a self-contained <svg> element, drawn from what is on screen. */
function snapshot({ host, root }) {
  const frame = root.getBoundingClientRect(), width = Math.ceil(frame.width) + 2 * MARGIN, height = Math.ceil(frame.height) + 2 * MARGIN;
  const out = svg("svg", { xmlns: SVG, width, height, viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}` });
  out.append(svg("rect", { x: -MARGIN, y: -MARGIN, width, height, fill: plainColour(css(host, "--paper"))[0] }));
  const box = rect => ({ x: rect.left - frame.left, y: rect.top - frame.top, width: rect.width, height: rect.height });
  const walk = (node, into) => {
    const style = getComputedStyle(node);
    if (style.display === "none" || style.visibility === "hidden" || node.dataset?.export === "no") return;
    if (style.position === "absolute" && style.clipPath !== "none") return;  // words for screen readers only
    const rect = node.getBoundingClientRect(), at = box(rect);
    if (node instanceof HTMLCanvasElement) {
      into.append(svg("image", { ...at, href: node.toDataURL("image/png"), opacity: style.opacity === "1" ? undefined : style.opacity,
        style: { "image-rendering": style.imageRendering } }));
      return;
    }
    if (node instanceof SVGSVGElement) {
      const copy = node.cloneNode(true);
      inline(node, copy);
      into.append(fill(copy, { ...at, overflow: "visible" }, []));
      return;
    }
    if (node instanceof HTMLInputElement && node.type === "range") return slider(node, at, into, name => plainColour(css(host, name))[0]);
    const radius = parseFloat(style.borderTopLeftRadius) || undefined;
    const [fillColour, alpha] = plainColour(style.backgroundColor);
    if (alpha && rect.width)
      into.append(svg("rect", { ...at, rx: radius, fill: fillColour, "fill-opacity": alpha < 1 ? alpha.toFixed(3) : undefined }));
    border(style, at, radius, into);
    const edge = style.boxShadow.match(/^(.+?) 0px 0px 0px ([\d.]+)px inset$/);  // a line drawn as a shadow, as around byte chips
    if (edge) into.append(svg("rect", { x: at.x + edge[2] / 2, y: at.y + edge[2] / 2, width: at.width - edge[2],
      height: at.height - edge[2], rx: radius, fill: "none", stroke: plainColour(edge[1])[0], "stroke-width": edge[2] }));
    if (node instanceof HTMLInputElement) {
      const end = style.textAlign === "right" || style.textAlign === "end";
      const x = end ? at.x + at.width - parseFloat(style.paddingRight) : at.x + parseFloat(style.paddingLeft);
      return line(node.value, { ...at, x }, style, into, end);
    }
    let inner = into;
    if (style.overflowX !== "visible" || style.overflowY !== "visible") {
      const id = `clip${out.querySelectorAll("clipPath").length}`;
      inner = svg("g", { "clip-path": `url(#${id})` });
      into.append(svg("clipPath", { id }, svg("rect", at)), inner);
    }
    for (const child of node.childNodes) {
      if (child.nodeType === Node.ELEMENT_NODE) walk(child, inner);
      else if (child.nodeType === Node.TEXT_NODE && child.data.trim()) words(child, style, inner, box);
    }
  };
  walk(root, out);
  return out;
}

/** An even border as one rounded frame, else a line a side. */
function border(style, at, radius, into) {
  const sides = ["Top", "Right", "Bottom", "Left"].map(side => {
    const size = style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]);
    return { size, stroke: size ? plainColour(style[`border${side}Color`])[0] : "" };
  });
  const { size, stroke } = sides[0];
  if (sides.every(side => side.size === size && side.stroke === stroke)) {
    if (size) into.append(svg("rect", { x: at.x + size / 2, y: at.y + size / 2, width: Math.max(0, at.width - size),
      height: Math.max(0, at.height - size), rx: radius, fill: "none", stroke, "stroke-width": size }));
    return;
  }
  const right = at.x + at.width, bottom = at.y + at.height;
  const [t, r, b, l] = sides.map(side => side.size / 2);
  const ends = [[at.x, at.y + t, right, at.y + t], [right - r, at.y, right - r, bottom],
    [at.x, bottom - b, right, bottom - b], [at.x + l, at.y, at.x + l, bottom]];
  sides.forEach((side, i) => {
    const [x1, y1, x2, y2] = ends[i];
    if (side.size) into.append(svg("line", { x1, y1, x2, y2, stroke: side.stroke, "stroke-width": side.size }));
  });
}

/** One <text> per line of an HTML text node. */
function words(node, style, into, box) {
  const range = document.createRange();
  const lines = [];
  let from = 0;
  for (const letter of node.data) {
    range.setStart(node, from);
    range.setEnd(node, (from += letter.length));
    const rect = range.getClientRects()[0];
    if (!rect) continue;
    const last = lines.at(-1);
    if (last && Math.abs(last.rect.top - rect.top) < rect.height / 2) Object.assign(last, { text: last.text + letter, right: rect.right });
    else lines.push({ rect, text: letter, right: rect.right });
  }
  for (const { rect, text, right } of lines) if (text.trim()) line(text, box(rect), style, into, false, right - rect.left);
}

/** One line of text; `wide` holds its width where the reader of a vector picture lacks the fonts. */
function line(text, at, style, into, end = false, wide) {
  const [colour, alpha] = plainColour(style.color);
  into.append(svg("text", { x: at.x, y: at.y + at.height / 2 + parseFloat(style.fontSize) * 0.35,
    fill: colour, "fill-opacity": alpha < 1 ? alpha : undefined,
    "font-family": style.fontFamily, "font-size": style.fontSize, "font-weight": style.fontWeight, "font-style": style.fontStyle,
    "xml:space": "preserve", "text-anchor": end ? "end" : undefined,
    textLength: wide ? wide.toFixed(2) : undefined, lengthAdjust: wide ? "spacingAndGlyphs" : undefined, text }));
}

/** A range input, whose inside no script can read: track, filled part and thumb as LOOK draws them. */
function slider(node, at, into, colour) {
  const low = Number(node.min || 0), share = (Number(node.value) - low) / (Number(node.max || 100) - low || 1);
  const y = at.y + at.height / 2, x = at.x + 7 + share * (at.width - 14);
  into.append(svg("line", { x1: at.x, x2: at.x + at.width, y1: y, y2: y, stroke: colour("--line"), "stroke-width": 2 }),
    svg("line", { x1: at.x, x2: x, y1: y, y2: y, stroke: colour("--accent"), "stroke-width": 2 }),
    svg("circle", { cx: x, cy: y, r: 6, fill: colour("--paper"), stroke: colour("--accent"), "stroke-width": 2 }));
}

const svgText = picture => new XMLSerializer().serializeToString(picture);

const FONTS = [["Vitrine Sans", "inter.woff2", "100 900"], ["Vitrine Serif", "serif.woff2", "200 900"],
  ["Vitrine Mono", "IBMPlexMono-Regular.woff2", "400"], ["Vitrine Mono", "IBMPlexMono-Medium.woff2", "500 700"]];

async function fontFaces() {
  const faces = await Promise.all(FONTS.map(async ([family, file, range]) => {
    const bytes = new Uint8Array(await (await fetch(`/app/static/${file}`)).arrayBuffer());
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return `@font-face{font-family:"${family}";font-weight:${range};src:url(data:font/woff2;base64,${btoa(text)})}`;
  }));
  return svg("style", { text: faces.join("") });
}

/** The picture as a PNG blob, twice the size on screen; the fonts travel inside, an image may not load them. */
async function pngBlob(picture) {
  const copy = picture.cloneNode(true);
  copy.prepend(await fontFaces());
  const image = new Image(), width = Number(copy.getAttribute("width")), height = Number(copy.getAttribute("height"));
  const url = URL.createObjectURL(new Blob([svgText(copy)], { type: "image/svg+xml" }));
  try {
    await new Promise((done, failed) => {
      const onerror = () => failed(new Error("the picture could not be drawn"));
      Object.assign(image, { onload: done, onerror, src: url });
    });
    await image.decode();
    const [node, context] = canvas(width, height);
    node.width = Math.round(width * 2);
    node.height = Math.round(height * 2);
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.drawImage(image, 0, 0, width, height);
    return await new Promise(done => node.toBlob(done, "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Save one registered picture as "svg", "png" or "csv". */
async function save({ view, made }, format) {
  const file = `vitrine-${made.name?.() ?? "picture"}.${format}`.replace(/[^\w.-]+/g, "-");
  if (format === "csv") return download(new Blob([csvText(made.csv())], { type: "text/csv" }), file);
  const drawn = made.svg?.() ?? snapshot(view);
  download(format === "svg" ? new Blob([svgText(drawn)], { type: "image/svg+xml" }) : await pngBlob(drawn), file);
}

return { register, unregister, registered, csvText, snapshot, save };
})();
