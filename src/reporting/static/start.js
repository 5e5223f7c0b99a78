// Puts a page together: folds what is open for readers without scripts, draws, then says that it is ready.
function unfolded() {
  return [...document.querySelectorAll("details:not([open]):not([data-menu])")];
}

let opened = [];

function beforePrint() {
  opened = unfolded();
  for (const part of opened) part.open = true;
  root.dataset.printing = "";
  readPalette();
  for (const figure of figures.values()) figure.ontoPaper();
}

function afterPrint() {
  for (const part of opened) part.open = false;
  delete root.dataset.printing;
  readPalette();
  for (const figure of figures.values()) figure.offPaper();
}

function refresh() {
  applyFilters();
  updateTables();
  showChoices();
  carryFilters();
}

function start() {
  for (const part of document.querySelectorAll("[data-folded][open]")) part.open = false;
  startKeyboard();
  if (!pageData) return;
  loadState();
  startTables();
  startCharts();
  startFilters();
  startPicking();
  startLinks();
  startChoices();
  startStacking();
  stateListeners.push(refresh);
  refresh();
  markPicked();
  window.addEventListener("popstate", () => {
    loadState();
    refresh();
    markPicked();
    if (history.state) restorePlace();
    else if (state.at) goTo(state.at, false);
  });
  window.addEventListener("pagehide", keepPlace);
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  const arrived = performance.getEntriesByType("navigation")[0]?.type || "navigate";
  history.scrollRestoration = "manual";
  if (arrived !== "navigate") restorePlace();
  else if (state.at) goTo(state.at, false);
  restoreAfterRefresh();
  startSections();
  startLive();
}

start();
root.classList.add("ready");
root.dataset.ready = "1";
