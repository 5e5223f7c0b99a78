// What the reader has chosen, kept in the URL's hash so that a link, a reload and "back" restore it. Unknown
// names and impossible values are ignored.
const root = document.documentElement;
const pageData = JSON.parse(document.getElementById("page-data")?.textContent || "null");
const SHARED = ["period", "provider", "organization"];
const state = { at: "", period: "", provider: "", organization: "", sort: {}, find: {}, all: {} };
const stateListeners = [];

function validPeriod(text) {
  const match = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/.exec(text || "");
  return match && match[1] <= match[2] ? text : "";
}

function readHash(hash) {
  const read = { at: "", period: "", provider: "", organization: "", sort: {}, find: {}, all: {} };
  const text = hash.replace(/^#/, "");
  if (!text.includes("=")) {
    read.at = safeDecode(text);
    return read;
  }
  for (const [name, value] of new URLSearchParams(text)) {
    const [group, ...rest] = name.split(".");
    if (name === "at" || name === "provider" || name === "organization") read[name] = value;
    else if (name === "period") read.period = validPeriod(value);
    else if (["sort", "find", "all"].includes(group) && rest.length) read[group][rest.join(".")] = value;
  }
  return read;
}

function safeDecode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function writeHash(names) {
  const words = new URLSearchParams();
  for (const name of names) {
    if (typeof state[name] === "string") {
      if (state[name]) words.set(name, state[name]);
    } else {
      for (const [key, value] of Object.entries(state[name])) if (value) words.set(name + "." + key, value);
    }
  }
  return words.toString();
}

const sharedHash = () => writeHash(SHARED);
const wholeHash = () => writeHash(["at", ...SHARED, "sort", "find", "all"]);

// Where the reader was, so that "back" returns there: the browser's own memory is of the page before filters.
function keepPlace() {
  history.replaceState({ scroll: window.scrollY }, "", location.href);
}

function restorePlace() {
  window.scrollTo({ top: history.state?.scroll ?? 0, behavior: "instant" });
}

function saveState(push) {
  const hash = wholeHash();
  const url = hash ? "#" + hash : location.pathname + location.search;
  if (push) keepPlace();
  history[push ? "pushState" : "replaceState"]({ scroll: window.scrollY }, "", url);
  for (const listener of stateListeners) listener();
}

function changeShared(changes) {
  Object.assign(state, changes);
  saveState(true);
}

function setIn(group, key, value) {
  if (value) state[group][key] = value;
  else delete state[group][key];
  saveState(false);
}

function loadState() {
  Object.assign(state, readHash(location.hash));
}

const selection = () => {
  const [from, to] = state.period ? state.period.split("..") : ["", ""];
  return { from, to, provider: state.provider, organization: state.organization };
};

const activeDimensions = () => SHARED.filter((name) => state[name]);

function announce(text) {
  const announcer = document.getElementById("announcer");
  announcer.textContent = "";
  announcer.textContent = text;
}
