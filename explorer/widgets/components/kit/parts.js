// The kit, part 4: tokens, the prompt bar, the hover card, formulas, menus, ways to other pages. Text from data enters by textContent only.
// A token comes from display.Token.wire(): {pieces: [plain, mark, plain, ...], kind: "text" | "byte" | "special"};
// marks (·, ↵, →, \xE2) stand at odd places, so that a real middle dot in the text is not taken for a space.

/** A token as one string, at most n characters with an ellipsis: for names, ids and CSV. */
function tokenText(token, n = Infinity) {
  const letters = [...token.pieces.join("")];
  return letters.length > n ? letters.slice(0, n - 1).join("") + "…" : letters.join("");
}

/** The token in at most n characters; of a longer one the two ends, with the mark … between: display.shortened here. */
function shortened(token, n = 24) {
  const long = [...token.pieces.join("")].length;
  if (long <= n) return token;
  const tail = Math.floor((n - 1) / 2), left = [], right = [];
  let at = 0;
  for (const piece of token.pieces) {
    const letters = [...piece];
    left.push(letters.slice(0, Math.max(0, n - 1 - tail - at)).join(""));
    right.push(letters.slice(Math.max(0, long - tail - at)).join(""));
    at += letters.length;
  }
  return { ...token, pieces: [...left, ...(left.length % 2 ? [] : [""]), "…", ...right] };
}

function cut(token, n) {
  const whole = [...token.pieces.join("")].length <= n;
  if (whole) return token.pieces;
  let left = n - 1;
  const pieces = token.pieces.map(piece => { const part = [...piece].slice(0, left); left -= part.length; return part.join(""); });
  return [...pieces, ...(pieces.length % 2 ? ["…"] : ["", "…"])];
}

/** HTML: a run of mono text with its marks in ink-3. Attributes as in el(). */
function tokenSpan(token, attributes = {}, n = 24) {
  const parts = cut(token, n).map((piece, i) => piece && (i % 2 ? el("i", { text: piece }) : piece));
  return el("bdi", { class: "token", ...attributes }, parts.filter(Boolean));
}

/** SVG: a <text> with its marks in ink-3. Attributes as in svg(); class "m" is given. */
function tokenLabel(token, attributes = {}, n = 12) {
  const parts = cut(token, n).map((piece, i) => piece && svg("tspan", { class: i % 2 ? "mark" : undefined, text: piece }));
  return svg("text", { class: "m token", "xml:space": "preserve", ...attributes }, parts.filter(Boolean));
}

/** A token chip: <span class="chip byte|special|on">. */
function chip(token, attributes = {}) {
  const span = tokenSpan(token, {}, 32);
  span.className = `chip ${token.kind} ${attributes.on ? "on" : ""}`;
  return fill(span, { title: [...token.pieces.join("")].length > 32 ? tokenText(token) : undefined, ...attributes, on: undefined }, []);
}

/**
 * The prompt bar: one chip per token, arrow keys move the focus, `end` stands right (string or node).
 * const bar = promptBar(view, { onPick: token => view.setFocus({ token }) });  root.append(bar.node);
 * in draw(): bar.update(view.header.tokens, view.focus.token, "6 of 256 tokens");
 */
function promptBar(view, { label = "Prompt", onPick = token => view.setFocus({ token }), after } = {}) {
  const chips = el("div",
    { class: "chips", role: "listbox", "aria-label": "Prompt, one option per token", "aria-orientation": "horizontal" });
  const end = el("span", { class: "end" }), range = el("div", { class: "range", "aria-hidden": "true", "data-export": "no" });
  const node = el("div", { class: "bar" }, el("span", { class: "lab", text: label }),
    el("div", { class: "strip" }, chips, range), after, end);
  let shown, focus = 0;
  const go = (index, move) => {
    index = Math.max(0, Math.min(chips.children.length - 1, index));
    mark(index);
    if (move) chips.children[index]?.focus({ preventScroll: true });
    onPick(index);
  };
  const mark = index => {
    [...chips.children].forEach((child, i) => {
      child.classList.toggle("on", i === index);
      child.setAttribute("aria-selected", i === index);
      child.tabIndex = i === index ? 0 : -1;
    });
    focus = index;
    reveal();
  };
  const reveal = () => {  // inside the bar only: the page itself must not jump
    const on = chips.children[focus], first = chips.children[0];
    if (!on) return;
    const top = on.offsetTop - first.offsetTop, bottom = top + on.offsetHeight + 2 * first.offsetTop;
    if (top < chips.scrollTop) chips.scrollTop = top;
    else if (bottom > chips.scrollTop + chips.clientHeight) chips.scrollTop = bottom - chips.clientHeight;
    inView();
  };
  const inView = () => {  // whole rows only, so what is out of sight has to be said
    const all = [...chips.children], from = chips.scrollTop, to = from + chips.clientHeight + 1;
    const seen = chips.scrollHeight > chips.clientHeight + 1
      ? all.flatMap((one, i) => (one.offsetTop >= from && one.offsetTop + one.offsetHeight <= to ? [i] : [])) : [];
    range.textContent = seen.length ? `tokens ${seen[0]} to ${seen.at(-1)} of ${all.length}, scroll for the others` : "";
  };
  chips.addEventListener("scroll", inView, { passive: true });
  const watch = new ResizeObserver(reveal);
  watch.observe(chips);
  document.fonts.ready.then(reveal);
  view.keep({ remove: () => watch.disconnect() });
  chips.onclick = event => {
    const index = [...chips.children].indexOf(event.target.closest(".chip"));
    if (index >= 0) go(index, true);
  };
  chips.onkeydown = event => {
    const to = { ArrowRight: focus + 1, ArrowLeft: focus - 1, Home: 0, End: chips.children.length - 1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    go(to, true);
  };
  return {
    node,
    update(tokens, index, text = "") {
      const now = JSON.stringify(tokens);
      if (now !== shown) {
        const held = chips.contains(chips.getRootNode().activeElement);
        const option = (token, i) => chip(token, { role: "option", "aria-label": `token ${i}: ${tokenText(token)}` });
        chips.replaceChildren(...tokens.map(option));
        shown = now;
        mark(index);
        if (held) chips.children[index]?.focus({ preventScroll: true });
      } else if (index !== focus) mark(index);
      end.replaceChildren(text);
    },
  };
}

/**
 * The hover card. card.show({ value, place, what, formula, list (a node), hook, index, shape }, anchor) with anchor an element
 * or a client rect {left, top, right, bottom}; it opens above right of the anchor, over the masked triangle, never over the anchor's rows
 * (give `avoid`, a rect, to keep more free). card.on(element, () => content) does pointer, keyboard focus and Esc by itself.
 */
function hoverCard(view) {
  const node = view.keep(el("div", { class: "card", role: "tooltip", popover: "manual", "data-export": "no" }));
  let timer = 0;
  const escape = event => { if (event.key === "Escape") hide(0); };
  const hide = (delay = 120) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (node.matches(":popover-open")) node.hidePopover();
      document.removeEventListener("keydown", escape, true);
    }, view.still ? 0 : delay);
  };
  const show = (content, anchor, avoid) => {
    clearTimeout(timer);
    const { value, place, what, formula: maths, list, hook, index, shape } = content;
    node.replaceChildren(
      el("div", { class: "row" }, el("span", { class: "big", text: value }), place && el("span", { class: "place" }, place)),
      ...[what && el("div", { class: "what", text: what }), maths && formula(maths), list].filter(Boolean),
      ...[hook && el("div", { class: "hook", text: index ? `${hook} ${index}` : hook }),
        shape && el("div", { class: "hook", text: shape })].filter(Boolean));
    if (!node.isConnected) view.root.append(node);
    if (!node.matches(":popover-open")) { node.showPopover(); document.addEventListener("keydown", escape, true); }
    const at = anchor.getBoundingClientRect?.() ?? anchor, keep = avoid ?? at, box = node.getBoundingClientRect();
    const wide = document.documentElement.clientWidth, high = document.documentElement.clientHeight;
    const above = keep.top - 8 - box.height, below = keep.bottom + 8;
    const top = above >= 8 || below + box.height > high - 8 ? Math.max(8, above) : below;
    node.style.top = `${Math.max(8, Math.min(high - box.height - 8, top))}px`;
    node.style.left = `${Math.max(8, Math.min(wide - box.width - 8, at.right + 10))}px`;
  };
  const on = (element, content) => {
    const open = () => { const made = content(); if (made) show(made, element, made.avoid); };
    element.addEventListener("pointerenter", open);
    element.addEventListener("pointerleave", () => hide());
    element.addEventListener("focus", open);
    element.addEventListener("blur", () => hide());
    return element;
  };
  return { node, show, hide, on };
}

const MATHS = /\{(\w+):([^}]*)\}|([_^])(?:\{([^}]*)\}|([^\s{}]))|(?<![A-Za-z])([A-Za-z])(?![A-Za-z])|([A-Za-z]{2,}|[^A-Za-z_^{]+|.)/gu;

/**
 * A formula in serif: "{q:q}_5 · {k:k}_1 / √32 = 5.31". Letters alone are italic, words and digits upright, {role:x} takes the
 * role's colour, _ and ^ take one character or {several}.
 */
function formula(text, attributes = {}) {
  const parts = [];
  for (const [, role, inner, script, many, one, letter, plain] of text.matchAll(MATHS)) {
    if (role) parts.push(el("span", { style: { color: `var(--${role}-text)` } }, ...formula(inner).childNodes));
    else if (script) parts.push(el(script === "_" ? "sub" : "sup", {}, ...formula(many ?? one).childNodes));
    else parts.push(letter ? el("i", { text: letter }) : plain);
  }
  return el("div", { class: "formula", ...attributes }, ...parts);
}

/** A quiet menu: its words are text (and travel into pictures), the native list lies over them. {node, set(value, entries)}. */
function menu(label, entries, value, onChange, name = label) {
  const shown = el("span", { class: "shown" });
  const list = el("select", { "data-export": "no", "aria-label": name, on: { change: () => onChange(list.value) } });
  const set = (key, now = entries) => {
    if (now !== entries || !list.options.length) list.replaceChildren(...now.map(([one, text]) => el("option", { value: one, text })));
    entries = now;
    list.value = key;
    shown.textContent = entries.find(([one]) => one === key)?.[1] ?? "";
  };
  set(value);
  return { node: el("label", { class: "menu sub" }, label && `${label} `, shown, list), set };
}

/** The address of a page with this focus. */
function pageLink(address, { layer, head, token }) {
  return `${address}${address.includes("?") ? "&" : "?"}${new URLSearchParams({ layer, head, token })}`;
}

/** A plain click goes there inside the app, with the model, the prompt and the focus as they are. */
function follow(view, event, page, focus = view.focus) {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  view.send("go", { page, focus });
}
