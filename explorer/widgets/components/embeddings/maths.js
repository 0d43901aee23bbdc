// Embeddings, part 7: the numbers of one pair and of one point worked out, and what the map does not show.

const NOT_SHOWN =
  "Not shown: most of it. Two or three numbers stand for all of a vector, so tokens that lie side by side here may be far apart, and "
  + "near ones far: the lines lead to the truly nearest. The sign of a component means nothing.";
const IDEA =
  "A model knows each token as a list of numbers, a vector. It learns them so that tokens used alike come to point alike. "
  + "The map lays them flat along the two directions in which they differ most; the list beside it compares all their numbers.";

function mapMaths(view) {
  const pair = el("div"),
    spot = el("div"),
    where = el("p", { class: "sub" }),
    idea = el("p", { class: "note", text: IDEA });
  const node = el("section", { class: "maths" }, el("h2", { text: "One pair and one point, worked out" }), pair, spot, where);
  const note = el("p", { class: "sub" });
  const notes = el("section", {}, idea, el("p", { class: "note quiet", text: NOT_SHOWN }), note);
  const inline = text => [...formula(text).childNodes],
    name = (all, id) => tokenSpan(all.token(id), {}, 12);
  return {
    node,
    notes,
    /** a is the chosen token, b another. */
    update(all, side, cosines, axes, a, b) {
      const held = all.side(side);
      idea.hidden = view.header.depth !== "idea";
      note.textContent = view.header.note;
      pair.replaceChildren();
      if (cosines && b !== null) {
        const [la, lb] = [held.lengths[a], held.lengths[b]],
          product = cosines[b] * la * lb;
        pair.append(
          el(
            "div",
            { class: "formula" },
            ...inline("cos("),
            name(all, a),
            ", ",
            name(all, b),
            ...inline(") = ({emb:e}_a · {emb:e}_b) / (‖{emb:e}_a‖ ‖{emb:e}_b‖)")
          ),
          el(
            "div",
            { class: "formula" },
            ...inline(`= ${signed(product, 4)} / (${signed(la, 3)} × ${signed(lb, 3)}) = `),
            el("b", { class: "num", text: signed(cosines[b], 3) })
          )
        );
      }
      const lines = axes.filter(axis => !axis.laid).map((axis, i) => {
        const value = axis.at[a],
          letter = "xyz"[i];
        if (axis.custom) {
          return el(
            "div",
            { class: "formula" },
            ...inline(`${letter} = ({emb:e} − {emb:e}_0) · ({emb:e}_1 − {emb:e}_0) / ‖{emb:e}_1 − {emb:e}_0‖^2 = `),
            el("b", { class: "num", text: signed(value, 3) }),
            ", 0 at ",
            name(all, axis.from),
            ", 1 at ",
            name(all, axis.to)
          );
        }
        const mean = axis.offset,
          less = mean < 0 ? `+ ${signed(-mean, 3)}` : `− ${signed(mean, 3)}`;
        return el(
          "div",
          { class: "formula" },
          ...inline(`${letter} = {emb:e} · w_${i + 1} − ē · w_${i + 1} = ${signed(value + mean, 3)} ${less} = `),
          el("b", { class: "num", text: signed(value, 3) })
        );
      });
      spot.replaceChildren(...lines);
      where.replaceChildren(
        el("i", { class: "emb", text: "e" }),
        ` = ${held.matrix} [${a}, :], ${count(all.C)} numbers, of `,
        name(all, a),
        lines.length ? "; w the component’s direction, of length 1, and ē the mean of all rows" : "",
        axes.some(axis => Number.isInteger(axis.turned)) ? "; w is turned with the map" : ""
      );
    }
  };
}
