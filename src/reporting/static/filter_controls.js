// The filter bar: what is chosen, as controls and as chips, and what of a link these data do not have.
const CHIP_NAMES = { period: "Period", provider: "Provider", model: "Model", organization: "Organization", feature: "Feature" };
const MOST_DAYS = 4000;

function dayOptions(first, last) {
  const days = [];
  for (let day = new Date(first + "T00:00:00Z"); days.length < MOST_DAYS; day.setUTCDate(day.getUTCDate() + 1)) {
    const text = day.toISOString().slice(0, 10);
    if (text > last) break;
    days.push(text);
  }
  return days;
}

function startFilters() {
  const form = document.querySelector("[data-filters]");
  if (!form) return;
  const days = dayOptions(pageData.firstDay, pageData.lastDay);
  for (const [name, chosen] of [["from", pageData.firstDay], ["to", pageData.lastDay]]) {
    const select = form.querySelector(`[data-filter-${name}]`);
    select.append(...days.map((day) => new Option(day, day, false, day === chosen)));
    select.addEventListener("change", () => changePeriod(form, name));
  }
  for (const select of form.querySelectorAll("[data-filter]")) {
    select.addEventListener("change", () => changeShared({ [select.dataset.filter]: select.value }));
  }
  form.querySelector("[data-presets]")?.addEventListener("click", (event) => {
    const preset = event.target.closest("[data-preset]")?.dataset.preset;
    if (preset) changeShared({ period: presetPeriod(preset) });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}

const isoDay = (milliseconds) => new Date(milliseconds).toISOString().slice(0, 10);
const DAY_MS = 86_400_000;

// A period by name, within the days of the data; "" is all of them.
function presetPeriod(preset) {
  const { firstDay, lastDay } = pageData;
  const last = Date.parse(lastDay);
  const monthStart = lastDay.slice(0, 8) + "01";
  const beforeMonth = isoDay(Date.parse(monthStart) - DAY_MS);
  const [from, to] = {
    7: [isoDay(last - 6 * DAY_MS), lastDay],
    30: [isoDay(last - 29 * DAY_MS), lastDay],
    month: [monthStart, lastDay],
    before: [beforeMonth.slice(0, 8) + "01", beforeMonth],
  }[preset];
  if (to < firstDay) return state.period;
  const start = from < firstDay ? firstDay : from;
  return start === firstDay && to === lastDay ? "" : `${start}..${to}`;
}

function showPresets(form) {
  for (const button of form.querySelectorAll("[data-preset]")) {
    const { preset } = button.dataset;
    const beforeData = preset === "before" && isoDay(Date.parse(pageData.lastDay.slice(0, 8) + "01") - DAY_MS) < pageData.firstDay;
    button.disabled = beforeData;
    button.setAttribute("aria-pressed", String(!beforeData && state.period !== "" && presetPeriod(preset) === state.period));
  }
}

function changePeriod(form, changed) {
  let from = form.querySelector("[data-filter-from]").value;
  let to = form.querySelector("[data-filter-to]").value;
  if (from > to) [from, to] = changed === "from" ? [from, from] : [to, to];
  const whole = from === pageData.firstDay && to === pageData.lastDay;
  changeShared({ period: whole ? "" : `${from}..${to}` });
}

function showFilters() {
  const form = document.querySelector("[data-filters]");
  showDropped();
  if (!form) return;
  const { from, to } = selection();
  form.querySelector("[data-filter-from]").value = from || pageData.firstDay;
  form.querySelector("[data-filter-to]").value = to || pageData.lastDay;
  for (const select of form.querySelectorAll("[data-filter]")) select.value = state[select.dataset.filter];
  showPresets(form);
  form.querySelector("[data-chips]").replaceChildren(...chips());
}

function showDropped() {
  const note = document.querySelector("[data-dropped]");
  if (!note) return;
  note.hidden = dropped.length === 0;
  note.textContent = dropped.join(" ");
}

function chips() {
  const active = activeDimensions();
  const made = active.map((name) => chip(`${CHIP_NAMES[name]}: ${shorten(state[name].replace("..", " to "), 60)}`, "Remove the filter ", () => changeShared({ [name]: "" })));
  if (active.length) {
    const clear = chip("Clear all", "", () => changeShared(Object.fromEntries(SHARED.map((name) => [name, ""]))));
    clear.firstChild.classList.add("chip--clear");
    made.push(clear);
  }
  return made;
}

function chip(text, prefix, action) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.textContent = prefix ? text + " \u00d7" : text;
  if (prefix) button.setAttribute("aria-label", prefix + text);
  button.addEventListener("click", () => {
    action();
    document.querySelector("[data-chips] button, [data-filter-from]")?.focus();
  });
  item.append(button);
  return item;
}
