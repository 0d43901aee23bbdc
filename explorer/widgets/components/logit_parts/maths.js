// Where a logit comes from, part 4: the sum and a part as formulas with their numbers.

function partsMaths(view) {
  const lines = el("div"), where = el("p", { class: "sub" }), title = el("h2", { text: "The sum" });
  const node = el("section", { class: "maths" }, title, lines, where);
  const inline = text => [...formula(text).childNodes];
  return {
    node,
    /** Speak of one part: the one pointed at, else the largest. */
    update(parts, row) {
      const { logit, divisor, norm, gain, remainder, at, against } = view.header, sums = partSums(parts);
      const coloured = (role, text) => el("span", { style: { color: `var(--${role}-text)` }, text });
      const sign = (value, i) => (i ? (value < 0 ? ` ${MINUS} ` : " + ") : value < 0 ? MINUS : "");
      const terms = sums.flatMap(([role, , value], i) => [sign(value, i), coloured(role, signed(Math.abs(value)))]);
      const named = sums.flatMap(([role, words], i) => [i ? ", " : "", coloured(role, words)]);
      const part = row && row.kind !== "rest" ? row : [...parts].sort((a, b) => Math.abs(b.value) - Math.abs(a.value))[0];
      const vectors = { head: `z_{${part.layer}.${part.head}} W_O`, mlp: "{mlp:MLP}", embedding: "{emb:e}", position: "{pos:pos}" };
      const centred = norm === "layernorm" ? " − mean" : "", u = against ? "(u − u')" : "u", adds = signed(part.value, 3);
      const product = part.kind === "norm_bias" ? `b · ${u} = ${adds}`
        : `${vectors[part.kind] ?? "part"} · d = ${adds},   d = (w ∘ ${u}${centred}) / ${signed(divisor, 3)}`;
      const total = parts.reduce((sum, { value }) => sum + value, 0);
      lines.replaceChildren(el("div", { class: "formula" }, ...terms, ` = ${signed(total)}`), el("p", { class: "sub" }, ...named),
        formula(product));
      const names = ["w is the norm’s gain",
        `u the row of the unembedding for ${against ? "the one token, u' for the other" : "the token"}`, gain && "b the norm’s bias"];
      where.replaceChildren(`The formula speaks of ${part.name}. The model’s own ${against ? "lead" : "logit"} is ${signed(logit, 4)}: `,
        `a remainder of ${tiny(remainder)}, the rounding of its float32. `,
        `The last norm’s divisor, ${signed(divisor, 3)}, is frozen at token ${at}’s own (ln_final.hook_scale): `,
        `what a part would change in it is left out. Here ${names.filter(Boolean).join(", ")}.`);
    },
  };
}
