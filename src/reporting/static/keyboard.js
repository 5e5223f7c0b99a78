// Theme buttons, help, and single-key shortcuts that can be switched off.
function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // storage can be forbidden: the choice then holds for this page
  }
}

function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function chooseTheme(name) {
  if (name === "system") delete root.dataset.theme;
  else root.dataset.theme = name;
  remember("finops-theme", name);
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === name));
  }
  recolourCharts();
}

function startKeyboard() {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (root.dataset.theme || "system")));
    button.addEventListener("click", () => chooseTheme(button.dataset.themeChoice));
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolourCharts);
  const dialog = document.getElementById("help");
  const opener = document.getElementById("help-open");
  const shortcuts = document.getElementById("shortcuts-on");
  shortcuts.checked = recall("finops-shortcuts") !== "off";
  shortcuts.addEventListener("change", () => remember("finops-shortcuts", shortcuts.checked ? "on" : "off"));
  opener?.addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") closeMenu();
    else if (!shortcuts.checked || dialog.open || event.target.closest("input, select, textarea, [contenteditable]")) return;
    else shortcut(event, dialog);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-menu]")) closeMenu();
  });
}

function closeMenu() {
  const menu = document.querySelector("[data-menu][open]");
  if (!menu) return;
  const within = menu.contains(document.activeElement);
  menu.open = false;
  if (within) menu.querySelector("summary").focus();
}

function shortcut(event, dialog) {
  const actions = {
    "?": () => dialog.showModal(),
    t: () => chooseTheme({ system: "light", light: "dark", dark: "system" }[root.dataset.theme || "system"]),
    f: () => document.querySelector("[data-filter-from]")?.focus(),
    "/": () => [...document.querySelectorAll("[data-find]")].find((box) => box.checkVisibility())?.focus(),
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}
