// Cut, part 3: the split pattern at work: words that no merge crosses, each by the part of the pattern that took it.

function patternPanel(view, place) {
  const name = el("h2"), text = el("div", { class: "run words" }), parts = el("ol", { class: "parts" });
  const sub = el("span", { class: "sub" }), top = el("div", { class: "top" }, name, sub);
  const node = el("section", { class: "panel pattern" }, top, el("div", { class: "two" }, text, parts));
  const card = hoverCard(view);
  let spans = [], took = [], lines = [], split;

  const light = part => {
    spans.forEach((span, i) => span.classList.toggle("near", took[i] === part));
    lines.forEach((line, i) => line.classList.toggle("on", i === part));
  };
  text.addEventListener("pointerover", event => {
    const i = spanAt(event);
    if (i < 0) return;
    light(took[i]);
    const { name: part, regex } = split.parts[took[i]];
    card.show({ value: tokenText(split.words[i], 20), place: `part ${took[i] + 1}`, what: part, hook: regex }, spans[i]);
  });
  text.addEventListener("pointerleave", () => { light(-1); card.hide(); });

  return {
    node,
    update(data, arrays) {
      split = { ...data, parts: data.parts.map(part => ({ ...part, regex: part.regex.replaceAll(" ", "·") })) };
      took = arrays[`took${place}`] ?? [];
      node.classList.toggle("wrong", Boolean(split.error));
      name.textContent = "Before any merge: words";
      const pattern = `split pattern ${split.named ? split.pattern : "of its own"}, which cuts for: ${split.of.join("; ")}. `;
      sub.textContent = split.error ?? `${pattern}The first part that fits takes the word, and no token crosses its edge.`;
      text.replaceChildren(...spanRow(split.words.length, i => [split.words[i], { class: "token" }]));
      spans = [...text.querySelectorAll("[data-i]")];
      parts.replaceChildren(...split.parts.map((part, i) => el("li", { class: part.n ? "" : "none", tabindex: 0, on: {
        pointerenter: () => light(i), pointerleave: () => light(-1), focus: () => light(i), blur: () => light(-1) } },
        el("span", { text: part.name }), el("code", { text: part.regex }), el("span", { class: "num", text: count(part.n) }))));
      lines = [...parts.children];
    },
    rows: () => split.words.map((word, i) => [`split pattern ${split.pattern}`, i, took[i] + 1, tokenText(word),
      split.parts[took[i]].name, "", ""]),
  };
}
