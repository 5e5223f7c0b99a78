// How old the data are, and, in the viewer, whether a refresh is under way.
const DAY_SECONDS = 86_400;
const POLL_MS = 4_000;

function ageText(seconds) {
  if (seconds < 90) return "just now";
  if (seconds < 5_400) return `${Math.round(seconds / 60)} minutes`;
  if (seconds < 2 * DAY_SECONDS) return `${Math.round(seconds / 3_600)} hours`;
  return `${Math.round(seconds / DAY_SECONDS)} days`;
}

function notice(id, strong, text) {
  let box = document.getElementById(id);
  if (!strong) return box?.remove();
  const message = `${strong} ${text}`;
  if (box?.dataset.message === message) return undefined;
  box?.remove();
  box = document.createElement("div");
  box.id = id;
  box.className = "notice notice--warning";
  box.setAttribute("role", "alert");
  box.dataset.message = message;
  const words = document.createElement("p");
  const head = document.createElement("strong");
  head.textContent = strong;
  words.append(head, " " + text);
  box.append(words);
  document.getElementById("main").before(box);
  return undefined;
}

function showAge(seconds) {
  const written = momentText(pageData.fileTime);
  const old = seconds > DAY_SECONDS;
  notice("age-notice", old ? `The data are ${ageText(seconds)} old.` : "", `The calls file was last written at ${written} UTC; these figures show nothing newer.`);
}

function showStatus(status) {
  const live = document.querySelector("[data-live-state]");
  const busy = status.state === "refreshing";
  document.getElementById("main").toggleAttribute("aria-busy", false);
  if (busy) document.getElementById("main").setAttribute("aria-busy", "true");
  const text = busy ? "Refreshing.." : "";
  if (live && live.textContent !== text) live.textContent = text;
  const made = momentText(status.generated_at || pageData.generatedAt);
  document.getElementById("viewer-notice")?.remove(); // what the viewer wrote for readers without scripts
  const failed = status.state === "failed" || Boolean(status.error);
  const reason = (status.error || "no reason given").replace(/\.?$/, ".");
  notice("refresh-notice", failed ? "The last refresh failed:" : "", `${reason} Old figures are shown, made at ${made} UTC.`);
  if (Number.isFinite(status.data_age_seconds)) showAge(status.data_age_seconds);
}

let firstRun = "";

async function poll() {
  try {
    const response = await fetch("status", { cache: "no-store" });
    if (response.ok) {
      const status = await response.json();
      const known = firstRun || status.run_id;
      firstRun = known;
      if (status.run_id && status.run_id !== known && status.state !== "refreshing") {
        keepForRefresh();
        location.reload();
      }
      else showStatus(status);
    }
  } catch {
    // the viewer is restarting, or this is another server: the page stays as it is
  }
  setTimeout(poll, POLL_MS);
}

// The age of the data is that of their last call, whenever the file was written.
function showLastCall() {
  const place = document.querySelector("[data-age]");
  if (!place || !pageData.lastCall) return;
  const age = ageText((Date.now() - Date.parse(pageData.lastCall)) / 1000);
  place.textContent = `${momentText(pageData.lastCall)} UTC (${age === "just now" ? age : `${age} ago`})`;
}

function startLive() {
  if (!pageData) return;
  showLastCall();
  showAge((Date.now() - Date.parse(pageData.fileTime)) / 1000);
  const manifest = document.getElementById("manifest");
  if (manifest) firstRun = JSON.parse(manifest.textContent).run_id;
  if (location.protocol.startsWith("http")) poll();
}
