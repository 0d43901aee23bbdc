// The share row: Link, PNG, SVG, CSV of what is drawn. The address already holds the whole view. The row of a section
// ({of: the key of its picture, title}) saves that picture; the row of the page those that have no row of their own.

const rows = (globalThis.vitrineShareRows ??= new Map());  // hosts of the rows on the page, and whose they are

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
  const mine = () => {
    const held = one => [...rows.values()].find(key => one.view.host.closest(`.st-key-${key}`));
    return registered().filter(one => held(one) === of);
  };
  const all = format => async () => {
    const shown = mine();
    if (!shown.length) return "Nothing drawn yet";
    for (const one of shown) await save(one, format);
    return "Saved";
  };
  const { of, title } = view.header, what = title ? `${title}: save` : "Save";
  if (of) rows.set(view.host, of);
  view.root.append(el("div", { class: "share" }, said,
    !of && button("Link", "Copy the address of this view", copyLink),
    button("PNG", `${what} what is drawn as an image`, all("png")),
    button("SVG", `${what} what is drawn as a vector picture`, all("svg")),
    button("CSV", `${what} the numbers of what is drawn`, all("csv"))));
  return { destroy() { clearTimeout(timer); rows.delete(view.host); } };
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
  const lacking = document.querySelector(".vitrine-unlinked");  // what the page says that its address cannot hold
  return lacking ? `Copied; ${lacking.textContent}` : "Copied";
}
