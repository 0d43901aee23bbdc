// Embeddings, part 6: the nearest tokens of the chosen one, with bars, by every matrix that the model has.

const LISTED = { wide: 12, phone: 8 };

/** sides: [{name, cosines}]; `point(id | null)` on hover, `pick(id)` on a click. */
function nearestList(view, { point, pick }) {
  const node = el("section", { class: "near" });
  const titles = { input: ["input", "E"], output: ["output", "U"] };
  const bar = share =>
    svg(
      "svg",
      { class: "bar-track", width: 96, height: 9, "aria-hidden": "true" },
      svg("rect", { width: 96, height: 9, y: 0, style: { fill: "var(--well)" } }),
      svg("rect", { width: Math.max(0, Math.min(1, share)) * 96, height: 7, y: 1, style: { fill: "var(--emb)" } })
    );
  return {
    node,
    update(all, of, sides) {
      const n = Math.min(view.phone ? LISTED.phone : sides.length > 1 ? 8 : LISTED.wide, all.n - 1);
      const held = node.contains(node.getRootNode().activeElement),
        head = el("h2", {}, "Nearest to ", tokenSpan(all.token(of), { class: "token big" }, 16));
      node.replaceChildren(
        head,
        ...sides.flatMap(({ name, cosines }) => {
          const title =
            sides.length > 1
              ? [`by ${titles[name][0]} embedding, W`, el("sub", { text: titles[name][1] })]
              : ["cosine of the angle between two vectors, 1 for the same way"];
          if (!cosines) return [el("p", { class: "sub of" }, title), el("p", { class: "sub", role: "status", text: "Working it out." })];
          const ids = largest(cosines, n, [of]),
            rest = all.n - 1 - ids.length;
          const line = id =>
            el(
              "div",
              { class: "line", "data-id": id, on: { pointerenter: () => point(id), pointerleave: () => point(null) } },
              el(
                "button",
                {
                  class: `chip ${all.token(id).kind}`,
                  type: "button",
                  "aria-label": `${tokenText(all.token(id))}, cosine ${signed(cosines[id])}`,
                  on: { click: () => pick(id), focus: () => point(id), blur: () => point(null) }
                },
                ...tokenSpan(all.token(id), {}, 14).childNodes
              ),
              bar(cosines[id]),
              el("span", { class: "num", text: signed(cosines[id]) })
            );
          return [
            el("p", { class: "sub of" }, title),
            el("div", { class: "lines", "data-side": name }, ids.map(line)),
            rest > 0 && el("p", { class: "sub", text: `${count(rest)} others, ${signed(cosines[ids.at(-1)])} and less` })
          ].filter(Boolean);
        })
      );
      if (held) node.querySelector("button")?.focus({ preventScroll: true });
    }
  };
}
