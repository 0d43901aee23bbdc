// The share row: Link, PNG, SVG, CSV of what is drawn. The address already holds the whole view.

export default picture(view => {
  const said = el("output", { role: "status", "aria-live": "polite" });
  let timer = 0;
  const say = text => {
    said.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => { said.textContent = ""; }, 1800);
  };
  const button = (text, title, act) => el("button", { type: "button", text, title, on: { click: async () => {
    try { say(await act()); } catch (error) { say(`Not saved: ${error.message}`); }
  } } });
  const all = format => async () => {
    const shown = registered();
    if (!shown.length) return "Nothing drawn yet";
    for (const one of shown) await save(one, format);
    return "Saved";
  };
  view.root.append(el("div", { class: "share" }, said,
    button("Link", "Copy the address of this view", copyLink),
    button("PNG", "Save what is drawn as an image", all("png")),
    button("SVG", "Save what is drawn as a vector picture", all("svg")),
    button("CSV", "Save the numbers of what is drawn", all("csv"))));
  return { destroy: () => clearTimeout(timer) };
});

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {  // no clipboard outside https and localhost
    const field = el("textarea", { style: { position: "fixed", opacity: "0" } });
    field.value = location.href;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("this browser gives no clipboard");
  }
  return "Copied";
}
