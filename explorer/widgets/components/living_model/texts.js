// Living model, part 2: running text with a number of nats behind every token, as colour on the first 42 % of the weight scale.

const MOST = 6, SHARE = 0.42;  // nats that take the strongest colour, and how far up the scale that lies: text stays ink

/** `about(n)` gives the hover card of a token. Tab reaches the text once, arrow keys walk its tokens. */
function colouredText(view, card, label, about) {
  const role = { role: "listbox", "aria-label": label, "aria-orientation": "horizontal" };
  const node = el("div", { class: "running", tabindex: 0, ...role });
  let spans = [], shown = "", at = 0;
  const point = n => {
    const made = spans[n] && about(n);
    if (made) card.show(made, spans[n]); else card.hide();
  };
  const mark = n => {
    spans[at]?.classList.remove("at");
    at = Math.max(0, Math.min(spans.length - 1, n));
    spans[at]?.classList.add("at");
    if (spans[at]) node.setAttribute("aria-activedescendant", spans[at].id);
    point(at);
  };
  node.onpointermove = event => {
    const n = spans.indexOf(event.target.closest(".token"));
    if (n >= 0) point(n); else card.hide();
  };
  node.onpointerleave = () => card.hide();
  node.onfocus = () => { if (node.matches(":focus-visible")) mark(at); };
  node.onblur = () => { spans[at]?.classList.remove("at"); card.hide(); };
  node.onkeydown = event => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: spans.length - 1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    mark(to);
  };
  return {
    node,
    /** Tokens, and as many numbers; NaN stands behind a token that has none. */
    update(tokens, nats, id) {
      const key = JSON.stringify([tokens, Array.from(nats), view.dark]);
      if (key === shown) return;
      shown = key;
      spans = tokens.map((token, n) => {
        const known = Number.isFinite(nats[n]), name = `token ${token.kind} ${known ? "" : "given"}`;
        const span = tokenSpan(token, { id: `${id}-${n}`, role: "option", class: name }, 64);
        span.setAttribute("aria-label", `${tokenText(token)}${known ? `, ${loss(nats[n])} nats` : ""}`);
        if (known) span.style.background = nat(view, nats[n]);
        return span;
      });
      node.replaceChildren(...inWordGroups(tokens, spans));
      at = Math.min(at, Math.max(0, spans.length - 1));
    },
  };
}

/** The colour of so many nats. */
const nat = (view, nats) => view.seq(SHARE * Math.max(0, Math.min(1, nats / MOST)));

/** Lines break before a space and after a line's end, as the text itself would, and inside a word only where one is long. */
function inWordGroups(tokens, spans) {
  const out = [];
  let group, length = 0;
  tokens.forEach((token, n) => {
    const text = tokenText(token), mark = token.pieces[0] === "" && token.pieces[1]?.[0];
    const starts = token.kind === "special" || ["·", "↵", "→"].includes(mark);
    if (!group || starts || length + text.length > 24) { group = el("span", { class: "word" }); length = 0; out.push(group); }
    group.append(spans[n]);
    length += text.length;
    const last = token.pieces.length % 2 ? "" : token.pieces.at(-1);
    if (last.endsWith("↵")) { out.push(el("br")); group = null; }
  });
  return out;
}

/** The colours with their numbers at both ends. */
function natLegend(view, words) {
  const node = el("p", { class: "legend" });
  return { node, update() {
    const steps = 10, box = n => svg("rect", { x: n * 9, width: 9, height: 10, fill: nat(view, (n / (steps - 1)) * MOST) });
    node.replaceChildren(`${words}, nats`, el("span", { class: "num", text: "0" }),
      svg("svg", { width: steps * 9, height: 10, "aria-hidden": "true" }, Array.from({ length: steps }, (_, n) => box(n))),
      el("span", { class: "num", text: `${MOST} and more` }));
  } };
}
