// Edit a row by hand: drag or type the weights of one query, and a second forward pass with that row says what follows.

export default picture(view => {
  const state = { edits: {}, total: "one", place: "", sent: null, said: "" }, card = hoverCard(view);
  const title = el("h2"), sub = el("span", { class: "sub" });
  const query = menu("", [], "", value => view.setFocus({ token: Number(value) }), "Query");
  const choose = total => { state.total = total; send(); };
  const option = (text, total, means) => el("button", { type: "button", text, title: means, on: { click: () => choose(total) } });
  const totals = [option("Row sums to 1", "one", "The other keys share the rest in proportion"),
    option("As typed", "free", "The other keys keep their weights; the row may sum to anything")];
  const seg = el("div", { class: "seg", role: "group", "aria-label": "The other keys" }, totals);
  const clear = () => { Object.assign(state, { edits: {}, said: "" }); send(); };
  const reset = el("button", { class: "link", type: "button", text: "Reset", on: { click: clear } });
  const editor = rowEditor(view, change), sum = el("p", { class: "sub" }), wrong = el("p", { class: "error", role: "status" });
  const next = nextTokens(view), later = laterTokens(view, card), twin = editTwin(view);
  const said = el("p", { class: "note" }), rule = el("div");
  const about = el("p", { class: "note quiet" }), wait = el("p", { class: "note", text: "…" });
  const right = el("section", { class: "after" }, said, next.node, later.node);
  const body = el("div", {}, el("div", { class: "controls", "data-export": "no" }, seg, reset), wrong,
    el("div", { class: "two" }, el("section", {}, editor.node, sum), right),
    el("div", { class: "below" }, rule, about), twin.node, twin.live);
  view.root.append(el("div", { class: "row" }, title, sub), wait, body);

  const place = () => `${view.focus.layer}.${view.focus.head}.${view.focus.token}`;
  const word = edits => (Object.keys(edits).length
    ? [place(), ...Object.entries(edits).map(([key, w]) => `${key}x${Number(w.toFixed(4))}`)].join("_") : "");
  const asked = (edits, total) => `${word(edits)} ${total}`;

  function change(key, weight, done, typed) {
    if (weight === null) {
      state.said = `Expected a weight from 0 to 1, got “${typed}”; the row is as it was.`;
      return view.redraw();
    }
    state.said = "";
    state.edits = { ...state.edits, [key]: weight };
    if (done) send(); else view.redraw();
  }
  function send() {
    const { edits, total } = view.header, now = asked(state.edits, state.total);
    state.sent = now === asked(edits, total) ? null : now;
    view.set("choices", { row: word(state.edits), sum: state.total === "free" ? "free" : "" });
    view.redraw();
  }

  function sentence() {
    const { header: { words, answer, edits }, arrays: { ids, prob, kl }, focus } = view, n = ids.length;
    const name = id => tokenSpan(words[id], {}, 16), p = (id, side) => prob[side * n + Array.from(ids).indexOf(id)];
    if (!Object.keys(edits).length)
      return ["Drag a weight. Until then the second pass is the first, to the last bit: ", name(answer[0]), ` ${pct(p(answer[0], 0))}.`];
    const same = answer[0] === answer[1], moved = `${pct(p(answer[0], 0))} to ${pct(p(answer[0], 1))}`;
    return [...(same ? ["Still ", name(answer[0]), `: ${moved}`] : [name(answer[0]), ` goes from ${moved}, and `, name(answer[1]),
      ` is now the most likely, ${pct(p(answer[1], 1))}`]), `; KL ${signed(kl[focus.token], 3)} nats.`];
  }

  return {
    draw() {
      const { header, arrays, focus, width } = view, { of, tokens, problem } = header, here = place();
      const fresh = here === `${of.layer}.${of.head}.${of.token}`;
      title.textContent = "Edit a row";
      query.set(String(focus.token), tokens.map((token, n) => [String(n), `${n} ${tokenText(token, 14)}`]));
      sub.replaceChildren(`block ${focus.layer} · head ${focus.head} · query `, query.node);
      wait.hidden = fresh;
      body.hidden = !fresh;
      if (!fresh) return;
      const key = `${here} ${JSON.stringify(tokens)}`;
      const answered = state.sent === null || state.sent === asked(header.edits, header.total);
      if (state.place !== key || (state.arrays !== arrays && answered))
        Object.assign(state, { place: key, edits: { ...header.edits }, total: header.total, sent: null });
      state.arrays = arrays;
      const row = Array.from(arrays.row), written = writtenRow(row, state.edits, state.total), side = width >= 860;
      const all = written.reduce((a, b) => a + b, 0);
      totals.forEach((one, n) => one.setAttribute("aria-pressed", (state.total === "free") === Boolean(n)));
      reset.hidden = !Object.keys(state.edits).length;
      wrong.textContent = state.said || problem;
      wrong.hidden = !wrong.textContent;
      editor.update(row, written, state.edits);
      const odd = state.total === "free" && Math.abs(all - 1) > 0.005 ? ", which softmax never gives" : "";
      sum.textContent = `The row sums to ${all.toFixed(2)}${odd}. The mark is the model’s own weight.`;
      body.querySelector(".two").style.gridTemplateColumns = side ? "minmax(0, 1fr) minmax(0, 1fr)" : "minmax(0, 1fr)";
      right.classList.toggle("late", state.sent !== null);
      said.replaceChildren(...sentence());
      next.update();
      later.update(side ? Math.floor((width - 44) / 2) : width);
      rule.replaceChildren(formula(`{v:z}_{${focus.token}} = Σ_j w_j {v:v}_j`));
      about.textContent = `The second pass is the whole model, with this row of ${header.hook} in the place of its own and the `
        + "interventions in force as they are. Not shown: how the head could come to look there; that is up to q and k.";
      twin.update(said.textContent);
    },
    name: () => `attention-edit-block${view.focus.layer}-head${view.focus.head}-query${view.focus.token}`,
    csv() {
      const { header: { tokens, words }, arrays: { row, written, ids, logit, prob } } = view, n = ids.length;
      return [["what", "index", "text", "as_it_is", "edited"],
        ...Array.from(row, (w, j) => ["weight", j, tokenText(tokens[j]), w, written[j]]),
        ...Array.from(ids, (id, k) => ["logit", id, tokenText(words[id]), logit[k], logit[n + k]]),
        ...Array.from(ids, (id, k) => ["probability", id, tokenText(words[id]), prob[k], prob[n + k]])];
    },
  };
});
