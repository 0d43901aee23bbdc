// A page is one place in the browser's history, however often its address says something else. Streamlit writes every name
// of an address apart, as a place of its own, so that Back would go through them all. It runs before Streamlit does.

(() => {
  const push = history.pushState.bind(history);
  history.pushState = (state, unused, url) => {
    const here = new URL(url ?? location.href, location.href).pathname === location.pathname;
    return here ? history.replaceState(state, unused, url) : push(state, unused, url);
  };
})();
