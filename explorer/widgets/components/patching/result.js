// Patching, part 7: what the pass by hand says: probabilities before and after, and the measure with these very numbers.

function patchResult(view, { keep }) {
  const title = el("h2"), list = svg("svg", { class: "bars", "aria-hidden": "true" }), maths = el("div", { class: "formulas" });
  const button = el("button", { type: "button", class: "btn", on: { click: keep } }), said = el("p", { class: "sub" });
  const left = el("section", { class: "after" }, title, list, el("div", { class: "keep", "data-export": "no" }, button, said));
  const right = el("section", { class: "maths" }, el("h2", { text: "The measure" }), maths);
  const BAR = 30;

  function bars(width, facts) {
    const { hand_tokens: tokens, hand_before: before, hand_after: after } = view.arrays;
    const label = view.phone ? 84 : 104, room = width - label - 100;
    const out = [lettering("before", width - 50, 10, 10.5, { "text-anchor": "end", style: { fill: "var(--ink-3)" } }),
      lettering("after", width, 10, 10.5, { "text-anchor": "end", style: { fill: "var(--ink-3)" } })];
    tokens.forEach((id, i) => {
      const y = 18 + i * BAR, on = i < 2;
      const style = { fill: on ? "var(--ink)" : "var(--ink-2)", "font-weight": on ? 600 : 400 };
      out.push(tokenLabel(facts.word(id), { x: 0, y: y + 14, "font-size": 12.5, style }, 12),
        svg("rect", { x: label, y: y + 2, width: room, height: 7, style: { fill: "var(--well)" } }),
        svg("rect", { x: label, y: y + 2, width: room * after[i], height: 7, style: { fill: "var(--prob)" } }),
        svg("rect", { x: label, y: y + 12, width: room * before[i], height: 3, style: { fill: "var(--axis)" } }),
        lettering(pct(before[i]), width - 50, y + 14, 11.5, { class: "m", "text-anchor": "end", style: { fill: "var(--ink-3)" } }),
        lettering(pct(after[i]), width, y + 14, 11.5, { class: "m", "text-anchor": "end", style: { "font-weight": 500 } }));
    });
    fill(list, { width, height: 18 + tokens.length * BAR }, []);
    list.replaceChildren(...out);
  }

  function formulas(facts) {
    const { hand_logits: made } = view.arrays, d = made[2] - made[3], share = facts.shareOf(d);
    const inline = text => [...formula(text).childNodes];
    const line = (...parts) => el("div", { class: "formula" }, parts);
    const name = token => tokenSpan(token, {}, 12);
    maths.replaceChildren(
      line(...inline("Δ = s("), name(facts.right), ...inline(") − s("), name(facts.wrong), ...inline(`) = ${signed(made[2])} − `
        + `${made[3] < 0 ? `(${signed(made[3])})` : signed(made[3])} = `), el("b", { class: "num", text: signed(d) }), ` after the patch`),
      line(...inline(`Δ_{clean} = ${signed(facts.clean)},   Δ_{corrupted} = ${signed(facts.corrupted)}`)),
      facts.scale === 0 ? line("Both runs have the same Δ: there is nothing to bring back.")
        : line(...inline("share = (Δ − Δ_{corrupted}) / (Δ_{clean} − Δ_{corrupted}) = "),
          ...inline(`${signed(d - facts.corrupted)} / ${signed(facts.scale)} = `), el("b", { class: "num", text: signed(share) })),
      el("p", { class: "sub", text: "s: the raw logit after the last token. The share is 0 in the corrupted run and 1 in the clean one; "
        + "below 0 and above 1 do occur." }));
  }

  return {
    left, right,
    update(width, facts, cell, from) {
      const { way, kept } = view.header, gives = way === "denoise" || way === "noise";
      const same = cellWord(cell) === cellWord(from), named = partWords(cell);
      const whole = `${named[0].toUpperCase()}${named.slice(1)}`, elsewhere = same ? "" : `, ${partWords(from)}`;
      title.textContent = gives ? `${whole} of ${WAYS[way].into}, ${WAYS[way].does}${elsewhere}` : `${whole}, ${WAYS[way].does}`;
      bars(width, facts);
      formulas(facts);
      button.textContent = kept ? "Kept as intervention" : "Keep as intervention";
      button.disabled = kept;
      said.textContent = kept ? "Every page shows the model with it; the banner takes it off." : way === "denoise"
        ? "Every page then reads the corrupted prompt with this patch." : "Every page then shows the model with this change.";
    },
  };
}
