// Links: filters travel with every link between pages, and every part of a page has an address.
function carryFilters() {
  const shared = sharedHash();
  for (const link of document.querySelectorAll("a[data-carry]")) {
    link.dataset.href ??= link.getAttribute("href");
    const [file, target] = link.dataset.href.split("#");
    const words = [target && shared ? "at=" + encodeURIComponent(target) : target, shared].filter(Boolean).join("&");
    link.setAttribute("href", words ? `${file}#${words}` : file);
  }
}

function reveal(target) {
  chooseFor(target);
  for (let part = target; part; part = part.parentElement) if (part instanceof HTMLDetailsElement) part.open = true;
  const table = target.matches("tr") && tables.get(target.closest("[data-table]")?.id);
  if (table && target.hidden) {
    delete state.find[table.id];
    state.all[table.id] = "1";
    saveState(false);
  }
}

function goTo(id, smooth) {
  const target = document.getElementById(id);
  if (!target) return;
  reveal(target);
  for (const old of document.querySelectorAll(".is-target")) old.classList.remove("is-target");
  target.classList.add("is-target");
  target.scrollIntoView({ behavior: smooth && !wantsStill() ? "smooth" : "instant", block: "start" });
  if (!target.matches("a, button, input, select, [tabindex]")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}

async function copyLink(button) {
  const words = ["at=" + encodeURIComponent(button.dataset.copyLink), writeHash([...SHARED, "sort", "find", "all", "by"])];
  const url = location.href.split("#")[0] + "#" + words.filter(Boolean).join("&");
  try {
    await navigator.clipboard.writeText(url);
    announce("Link copied.");
    button.textContent = "Copied";
  } catch {
    history.replaceState(null, "", url); // no clipboard here: the address bar has the link
    announce("The link is in the address bar.");
    button.textContent = "In the address bar";
  }
  setTimeout(() => (button.textContent = "Copy link"), 2000);
}

function startLinks() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy-link]");
    if (button) copyLink(button);
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    state.at = safeDecode(link.getAttribute("href").slice(1));
    saveState(true);
    goTo(state.at, true);
  });
}
