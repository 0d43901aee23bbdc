// Vectors, part 2: a field that finds a token by its text, with the likeliest under it. Arrow keys, Enter, Esc.

const FOUND = 8;

/** Ids of the tokens whose text is, begins with, or holds what was typed; a token after a space before one without. */
function foundTokens(all, typed, n = FOUND) {
  const wanted = typed.toLowerCase().replaceAll(" ", "·"),
    plain = wanted.replace(/^·/, ""),
    texts = all.texts(),
    ranked = [];
  if (!wanted) return [];
  texts.forEach((text, id) => {
    const bare = text.replace(/^·/, "");
    const rank =
      text === wanted && wanted !== plain
        ? 0
        : bare === plain
          ? text === bare
            ? 2
            : 1
          : bare.startsWith(plain)
            ? 3
            : text.includes(wanted)
              ? 4
              : 9;
    if (rank < 9) ranked.push([rank, rank > 2 ? bare.length : 0, id]);
  });
  const number = /^#(\d+)$/.exec(wanted);
  if (number && Number(number[1]) < all.n) ranked.push([0, 0, Number(number[1])]);
  return ranked
    .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
    .slice(0, n)
    .map(([, , id]) => id);
}

let fields = 0;

/** {node, set(id)}: `pick(id)` when a token is chosen; `show` keeps the chosen token in the field. */
function tokenField(label, held, pick, { show = false, placeholder = "type a token" } = {}) {
  const list = el("div", { class: "options", role: "listbox", id: `found-${++fields}`, hidden: true, "data-export": "no" });
  const input = el("input", {
    class: "typed num",
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    placeholder,
    role: "combobox",
    "aria-label": label,
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    on: {
      input: search,
      keydown,
      focus: () => input.select(),
      blur: () => {
        close();
        input.value = shown;
      }
    }
  });
  const node = el("span", { class: "field" }, input, list);
  let ids = [],
    at = 0,
    shown = "";

  function search() {
    const all = held();
    ids = all ? foundTokens(all, input.value) : [];
    at = 0;
    const none = input.value.trim() ? [el("div", { class: "none", text: "No token holds this text." })] : [];
    list.replaceChildren(
      ...(ids.length
        ? ids.map((id, i) =>
            el(
              "div",
              {
                class: "option",
                role: "option",
                id: `${list.id}-${i}`,
                on: {
                  pointerdown: event => {
                    event.preventDefault();
                    take(id);
                  }
                }
              },
              chip(all.token(id)),
              el("span", { class: "sub num", text: `${id}` })
            )
          )
        : none)
    );
    list.hidden = !list.children.length;
    input.setAttribute("aria-expanded", !list.hidden);
    mark();
  }
  function mark() {
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", i === at));
    if (ids.length) input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    else input.removeAttribute("aria-activedescendant");
  }
  function close() {
    list.hidden = true;
    ids = [];
    input.setAttribute("aria-expanded", "false");
    mark();
  }
  function take(id) {
    close();
    input.value = shown;
    pick(id);
  }
  function keydown(event) {
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && ids.length) {
      event.preventDefault();
      at = (at + step + ids.length) % ids.length;
      mark();
    } else if (event.key === "Enter" && ids.length) take(ids[at]);
    else if (event.key === "Escape") {
      close();
      input.value = shown;
    }
  }
  return {
    node,
    set(id) {
      const all = held();
      if (!show || !all) return;
      shown = id === null || id === undefined ? "" : tokenText(all.token(id), 16);
      if (input.getRootNode().activeElement !== input) input.value = shown;
    }
  };
}
