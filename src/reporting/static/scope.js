// What of the reader's filters a part of the page applies, and what it ignores: every title, label, stamp, file name
// and note takes its words from here.
const SUBJECTS = { period: "period", provider: "provider", model: "model", organization: "organization", feature: "feature" };

const scopeOf = (dimensions) => {
  const active = activeDimensions();
  return { applied: active.filter((name) => dimensions.includes(name)), ignored: active.filter((name) => !dimensions.includes(name)) };
};

const isolated = (text) => `\u2068${text}\u2069`;

function filterText(name) {
  if (name !== "period") return `${SUBJECTS[name]} ${isolated(shorten(state[name] === NO_NAME ? pageData.unallocated : state[name], 60))}`;
  const [from, to] = state.period.split("..");
  return from === to ? dayText(from, true) : `${dayText(from, from.slice(0, 4) !== to.slice(0, 4))} to ${dayText(to, true)}`;
}

const joined = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
const appliedText = (scope) => scope.applied.map(filterText).join(", ");
const ignoredText = (scope) => joined(scope.ignored.map((name) => SUBJECTS[name]));

// One sentence or two; "" without a filter.
function scopeText(scope) {
  const words = [];
  if (scope.applied.length) words.push(`Filtered: ${appliedText(scope)}.`);
  if (scope.ignored.length) words.push(`Not filtered by ${ignoredText(scope)}.`);
  return words.join(" ");
}

// The note of a part that ignores a filter.
function says(element, scope, whole) {
  const note = element.querySelector(":scope > [data-unfiltered]");
  if (!note) return;
  note.hidden = scope.ignored.length === 0;
  note.textContent = scope.applied.length ? `Not filtered by ${ignoredText(scope)}.` : `Not filtered: ${whole}.`;
}

// Sentences and advice are written about all calls: they say so while a filter is on.
function stepBack() {
  const filtered = activeDimensions().length > 0;
  for (const part of document.querySelectorAll("[data-whole]")) part.classList.toggle("is-whole", filtered);
  for (const note of document.querySelectorAll("[data-whole-note]")) note.hidden = !filtered;
}

// What the cells of this page do not tell apart, so that no filter can ask for it.
const foldedText = () => Object.values(cellStore?.folded || {}).map((words) => `${words}: no filter tells them apart.`).join(" ");

// How many parts follow what is chosen.
function countText(all, whole, partly) {
  if (whole === all) return `Nothing on this page follows it: all ${all} figures and tables show all calls and say so.`;
  return `${all - whole - partly} of ${all} figures and tables follow it${partly ? `, ${partly} in part` : ""}${whole ? "; the others show all calls and say so." : "."}`;
}

// One banner for the whole page, on screen and on paper.
function showBanner(parts) {
  const banner = document.querySelector("[data-scope]");
  if (!banner) return;
  const active = activeDimensions();
  banner.hidden = active.length === 0;
  const whole = parts.filter(({ scope }) => scope.applied.length === 0);
  const partly = parts.filter(({ scope }) => scope.applied.length && scope.ignored.length);
  banner.querySelector("[data-scope-applied]").textContent = active.length ? `Filtered: ${active.map(filterText).join(", ")}.` : "";
  banner.querySelector("[data-scope-count]").textContent = countText(parts.length, whole.length, partly.length);
  banner.querySelector("[data-scope-folded]").textContent = foldedText();
  const list = banner.querySelector("[data-scope-list]");
  list.hidden = whole.length + partly.length === 0;
  banner.querySelector("[data-scope-names]").replaceChildren(...[...partly, ...whole].map(({ id, name, scope }) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = "#" + id;
    link.textContent = name;
    item.append(link, scope.applied.length ? ` (not by ${ignoredText(scope)})` : "");
    return item;
  }));
}
