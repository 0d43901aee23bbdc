// The kit, part 5: half of a surrogate pair, typed or pasted into any field of the page, becomes U+FFFD before anybody
// reads it: no UTF-8 message can hold one, and Streamlit's connection would break on it. Once for the document.

globalThis.vitrineTyping ??= (() => {
  const repair = event => {
    const field = event.composedPath()[0];
    if (!/^(INPUT|TEXTAREA)$/.test(field.tagName) || !field.value || field.value.isWellFormed()) return;
    const { selectionStart: at, selectionEnd: to } = field, { prototype } = field.constructor;
    // the field's own setter is React's, which would take the repaired text for one it had written itself
    Object.getOwnPropertyDescriptor(prototype, "value").set.call(field, field.value.toWellFormed());
    if (at !== null) field.setSelectionRange(at, to);
  };
  addEventListener("input", repair, { capture: true });
  return repair;
})();
