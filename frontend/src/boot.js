// Appended to the script that wasm-bindgen writes. An external file, so that no page needs an inline script.
(async () => {
  const postern = await import(import.meta.url);
  await postern.default({ module_or_path: new URL("POSTERN_WASM", import.meta.url) });
  postern.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) {
    postern[island.dataset.component](island);
  }
  // For those who wait until a page reacts, such as tests.
  document.documentElement.dataset.islands = "ready";
})();
