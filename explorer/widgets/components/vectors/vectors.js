// Vectors: nothing to see. Takes what the pictures of the Embeddings page share, so that it travels once a checkpoint.

export default picture(view => {
  let last = null;
  return {
    draw() {
      if (view.header === last) return;
      last = view.header;
      heldVectors.delete(last.name);
      heldVectors.set(last.name, readVectors(view));
      for (const name of heldVectors.keys()) if (heldVectors.size > KEEP_VECTORS) heldVectors.delete(name);
      document.dispatchEvent(new Event(VECTORS_CAME));
    }
  };
});
