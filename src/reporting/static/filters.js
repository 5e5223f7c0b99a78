// Filters shared by all reports: period, provider, organization. What a page holds in parts is added up again;
// what it does not says so.
// The labels whose days lie within the period: the others leave the chart.
function labelsWithin(data, chosen) {
  if (!chosen.from) return data.labels.map(() => true);
  const within = data.labels.map(() => false);
  for (const series of data.series) {
    if (series.measure === null) continue;
    eachSlice(series.measure, (label, _, [day]) => {
      if (day === undefined || (day >= chosen.from && day <= chosen.to)) within[label] = true;
    });
  }
  return within;
}

function filteredSeries(series, chosen, within) {
  if (series.measure === null) {
    return { ...series, values: series.values.filter((_, place) => within[place]), gone: series.role !== "reference" };
  }
  const sums = series.values.map((value) => (value === null ? null : 0));
  eachSlice(series.measure, (label, value, facets) => {
    if (isChosen(facets, chosen)) sums[label] += value;
  });
  return { ...series, values: sums.filter((_, place) => within[place]) };
}

function filteredData(data, chosen) {
  const within = labelsWithin(data, chosen);
  return {
    ...data,
    labels: data.labels.filter((_, place) => within[place]),
    labelColours: data.labelColours?.filter((_, place) => within[place]) ?? null,
    series: data.series.map((series) => filteredSeries(series, chosen, within)),
    within,
  };
}

function says(element, dimensions, whole) {
  const note = element.querySelector("[data-unfiltered]");
  if (!note) return;
  const active = activeDimensions();
  const missing = active.filter((name) => !dimensions.includes(name));
  note.hidden = missing.length === 0;
  note.textContent = dimensions.length && missing.length < active.length ? `Not filtered by ${missing.join(" and ")}.` : `Not filtered: ${whole}.`;
}

function filterFigure(figure) {
  const reacts = figure.dimensions.some((name) => state[name]);
  figure.show(reacts ? filteredData(figure.data, selection()) : figure.data);
  says(figure.element, figure.dimensions, "this chart shows all calls");
  const table = tables.get(figure.id + "-data");
  if (table && figure.tabled !== figure.shown) fillDataTable(table, figure);
  figure.tabled = figure.shown;
}

// The table below a chart shows what the chart shows.
function fillDataTable(table, figure) {
  const { series, unit, within } = figure.shown;
  let at = 0;
  for (const entry of [...table.rows].sort((one, other) => one.place - other.place)) {
    entry.off = within ? !within[entry.place] : false;
    entry.text = "";
    if (entry.off) continue;
    series.forEach((one, place) => fillCell(entry.row.cells[place + 1], one.gone ? null : one.values[at], unit));
    at += 1;
  }
  table.ordered = undefined;
}

function fillCell(cell, value, unit) {
  cell.dataset.original ??= JSON.stringify([cell.textContent, cell.dataset.value ?? null]);
  const [text, plain] = JSON.parse(cell.dataset.original);
  const same = plain === null ? value === null : value === Number(plain);
  cell.textContent = same ? text : value === null ? "n/a" : formatCell(value, unit);
  if (same ? plain === null : value === null) delete cell.dataset.value;
  else cell.dataset.value = same ? plain : String(value);
}

function filterCard(card) {
  const value = card.querySelector(".card__value");
  value.dataset.original ??= value.textContent;
  const dimensions = (card.dataset.dimensions || "").split(" ").filter(Boolean);
  const reacts = activeDimensions().some((name) => dimensions.includes(name));
  value.textContent = reacts ? formatProse(chosenSum(Number(card.dataset.measure), selection()), card.dataset.unit) : value.dataset.original;
  for (const part of card.querySelectorAll(".card__change, .spark")) part.classList.toggle("is-hidden", reacts);
  says(card, dimensions, "this figure is for all calls");
}

// ----- the controls
const CHIP_NAMES = { period: "Period", provider: "Provider", organization: "Organization" };

function dayOptions(first, last) {
  const days = [];
  for (let day = new Date(first + "T00:00:00Z"); days.length < 1100; day.setUTCDate(day.getUTCDate() + 1)) {
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
  form.addEventListener("submit", (event) => event.preventDefault());
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
  if (!form) return;
  const { from, to } = selection();
  form.querySelector("[data-filter-from]").value = from || pageData.firstDay;
  form.querySelector("[data-filter-to]").value = to || pageData.lastDay;
  for (const select of form.querySelectorAll("[data-filter]")) {
    const value = state[select.dataset.filter];
    if (value && ![...select.options].some((option) => option.value === value)) select.append(new Option(value, value));
    select.value = value;
  }
  form.querySelector("[data-chips]").replaceChildren(...chips());
}

function chips() {
  const active = activeDimensions();
  const made = active.map((name) => chip(`${CHIP_NAMES[name]}: ${shorten(state[name].replace("..", " to "), 60)}`, "Remove the filter ", () => changeShared({ [name]: "" })));
  if (active.length) {
    const clear = chip("Clear all", "", () => changeShared({ period: "", provider: "", organization: "" }));
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

function applyFilters() {
  showFilters();
  for (const figure of figures.values()) filterFigure(figure);
  for (const card of document.querySelectorAll(".card")) filterCard(card);
  for (const table of tables.values()) {
    if (table.block.matches(".table-block")) says(table.block, table.dimensions, "this table shows all rows");
  }
}
