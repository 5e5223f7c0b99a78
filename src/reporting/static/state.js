// What the reader has chosen, kept in the URL's hash so that a link, a reload and "back" restore it. Unknown
// names and impossible values are ignored.
const root = document.documentElement;
const pageData = JSON.parse(document.getElementById("page-data")?.textContent || "null");
const NAMED = ["provider", "model", "organization", "feature"];
const SHARED = ["period", ...NAMED];
const NO_NAME = "(unallocated)"; // in the hash, calls that name nothing
const blankState = () => ({ at: "", ...Object.fromEntries(SHARED.map((name) => [name, ""])), sort: {}, find: {}, all: {}, by: {} });
const state = blankState();
const stateListeners = [];
let dropped = []; // filters of the link that these data do not have, in words

function validPeriod(text) {
  const match = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/.exec(text || "");
  return match && match[1] <= match[2] && match.slice(1).every((day) => !Number.isNaN(Date.parse(day))) ? text : "";
}

function readHash(hash) {
  const read = blankState();
  const text = hash.replace(/^#/, "");
  if (!text.includes("=")) {
    read.at = safeDecode(text);
    return read;
  }
  for (const [name, value] of new URLSearchParams(text)) {
    const [group, ...rest] = name.split(".");
    if (name === "at" || NAMED.includes(name)) read[name] = value;
    else if (name === "period") read.period = validPeriod(value);
    else if (["sort", "find", "all", "by"].includes(group) && rest.length) read[group][rest.join(".")] = value;
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
const wholeHash = () => writeHash(["at", ...SHARED, "sort", "find", "all", "by"]);

// Where the reader was, so that "back" returns there: the browser's own memory is of the page before filters.
function keepPlace() {
  history.replaceState({ scroll: window.scrollY }, "", location.href);
}

function restorePlace() {
  window.scrollTo({ top: history.state?.scroll ?? 0, behavior: "instant" });
}

// `table` is the one table that a change is about; without it the whole page follows.
function saveState(push, table) {
  const hash = wholeHash();
  const url = hash ? "#" + hash : location.pathname + location.search;
  if (push) keepPlace();
  history[push ? "pushState" : "replaceState"]({ scroll: window.scrollY }, "", url);
  if (table) table.update();
  else for (const listener of stateListeners) listener();
}

function changeShared(changes) {
  Object.assign(state, changes);
  dropped = [];
  saveState(true);
}

function setIn(group, key, value, table) {
  if (value) state[group][key] = value;
  else delete state[group][key];
  saveState(false, table);
}

function loadState() {
  Object.assign(state, readHash(location.hash));
  dropped = [];
  keepKnownNames();
  clampPeriod();
}

// A name that the data do not have would show $0.00 as a fact: it is dropped with a word.
function keepKnownNames() {
  for (const name of NAMED) {
    if (!state[name] || knownNames(name).includes(state[name])) continue;
    dropped.push(`There is no ${name} \u2068${shorten(state[name], 60)}\u2069 to filter by: that filter was dropped.`);
    state[name] = "";
  }
}

const knownNames = (name) => (pageData[name + "s"] || []).map((value) => value || NO_NAME);

function clampPeriod() {
  if (!state.period) return;
  const [from, to] = state.period.split("..");
  const { firstDay, lastDay } = pageData;
  if (to < firstDay || from > lastDay) {
    dropped.push(`The data run from ${dayText(firstDay, true)} to ${dayText(lastDay, true)}: the period ${dayText(from, true)} to ${dayText(to, true)} lies outside and was dropped.`);
    state.period = "";
    return;
  }
  const kept = [from < firstDay ? firstDay : from, to > lastDay ? lastDay : to];
  if (kept[0] !== from || kept[1] !== to) dropped.push(`The period was cut to the days of the data, ${dayText(kept[0], true)} to ${dayText(kept[1], true)}.`);
  state.period = kept[0] === firstDay && kept[1] === lastDay ? "" : kept.join("..");
}

const selection = () => {
  const [from, to] = state.period ? state.period.split("..") : ["", ""];
  return { from, to, ...Object.fromEntries(NAMED.map((name) => [name, state[name]])) };
};

const activeDimensions = () => SHARED.filter((name) => state[name]);

function announce(text) {
  const announcer = document.getElementById("announcer");
  announcer.textContent = "";
  announcer.textContent = text;
}
