// Cut, part 2: one tokenizer's panel: what it makes of the text, its ids below, and the numbers.

/** act: {over(panel, token)}: a token of this panel is pointed at, -1 for none. */
function cutPanel(view, place, act) {
  const name = el("h2"), facts = el("span", { class: "sub num" }), said = el("p", { class: "sub" });
  const text = el("div", { class: "run", tabindex: 0, role: "group" }), ids = el("div", { class: "ids num", tabindex: 0, role: "group" });
  const node = el("section", { class: "panel" }, el("div", { class: "top" }, name, facts), text, ids, said);
  let starts = [], ends = [], numbers = [], words = {}, tokens = [], listed = [], at = -1, near = [];

  for (const [box, list] of [[text, () => tokens], [ids, () => listed]]) {
    box.addEventListener("pointerover", event => { const i = spanAt(event); if (i >= 0) act.over(place, i, list()[i]); });
    box.addEventListener("pointerleave", () => act.over(place, -1));
    box.addEventListener("click", event => { const i = spanAt(event); if (i >= 0) act.over(place, i, list()[i]); });
  }
  text.addEventListener("keydown", event => {
    const to = { ArrowRight: at + 1, ArrowLeft: Math.max(0, at - 1), Home: 0, End: tokens.length - 1 }[event.key];
    if (to === undefined || to >= tokens.length || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act.over(place, to, tokens[to]);
  });
  text.addEventListener("blur", () => act.over(place, -1));

  return {
    node,
    range: i => [starts[i], ends[i]],
    content(i) {
      const wire = words[numbers[i]], bytes = ends[i] - starts[i];
      const from = view.header.panels[place].merges && numbers[i] >= 256 ? `, made by merge ${count(numbers[i] - 255)}` : "";
      return { value: tokenText(wire, 20), place: `id ${numbers[i]}`, what: `${plural(bytes, "byte")}${from}`,
        hook: wire.hex, shape: `bytes ${starts[i]} to ${ends[i] - 1} of the text` };
    },
    /** Light one token here, or all that share a byte with a range. */
    light(i, range) {
      for (const j of near) { tokens[j]?.classList.remove("near", "on"); listed[j]?.classList.remove("near", "on"); }
      near = [];
      at = i;
      if (i >= 0) near = [i];
      else if (range) for (let j = holder(ends, range[0]); j < tokens.length && starts[j] < range[1]; j++) near.push(j);
      const mark = i >= 0 ? "on" : "near";
      for (const j of near) { tokens[j].classList.add(mark); listed[j].classList.add(mark); }
      if (near.length) { revealIn(ids, listed[near[0]]); revealIn(text, tokens[near[0]]); }
    },
    update(panel, arrays) {
      ({ words } = panel);
      name.textContent = panel.name;
      node.classList.toggle("wrong", Boolean(panel.error));
      text.hidden = ids.hidden = Boolean(panel.error);
      if (panel.error) {
        facts.textContent = "";
        said.textContent = panel.error;
        text.replaceChildren();
        ids.replaceChildren();
        [tokens, listed, near] = [[], [], []];
        return;
      }
      numbers = arrays[`ids${place}`];
      ends = arrays[`ends${place}`];
      starts = Array.from(ends, (_, i) => (i ? ends[i - 1] : 0));
      facts.replaceChildren(el("b", { text: plural(panel.n, "token") }), `, ${panel.bytes_per_token.toFixed(2)} bytes each`);
      text.setAttribute("aria-label", `The text by ${panel.name}: ${plural(panel.n, "token")}. Arrow keys go through them.`);
      text.replaceChildren(...spanRow(numbers.length, i => [words[numbers[i]],
        { class: `token ${words[numbers[i]].kind}`, style: { background: lengthColour(view, ends[i] - starts[i]) } }]));
      tokens = [...text.querySelectorAll("[data-i]")];
      ids.setAttribute("aria-label", `The ids by ${panel.name}`);
      ids.replaceChildren(...Array.from(numbers, (id, i) => el("span", { "data-i": i, text: String(id) })));
      listed = [...ids.children];
      near = [];
      const rest = panel.n - numbers.length;
      said.textContent = [panel.exact ? "Reads back as the same text, byte for byte." : "Does not read back as the same text.",
        rest > 0 && `${plural(rest, "more token")} not drawn.`].filter(Boolean).join(" ");
      said.classList.toggle("bad", !panel.exact);
    },
    recolour() {
      tokens.forEach((token, i) => token.style.setProperty("background", lengthColour(view, ends[i] - starts[i])));
    },
    rows: () => Array.from(numbers, (id, i) => [view.header.panels[place].name, i, id, tokenText(words[id]), words[id].hex,
      starts[i], ends[i]]),
  };
}
