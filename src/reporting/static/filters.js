// Filters of all reports: period, provider, model, organization, feature. What a page holds in parts is added up again;
// what it does not says so.
// The labels that have a part within what is chosen; days without calls stay, those beyond the period leave.
function labelsWithin(data, chosen) {
  const dated = data.labels.length > 0 && data.labels.every((label) => ISO_DAY.test(label));
  if (dated) return data.labels.map((label) => !chosen.from || (label >= chosen.from && label <= chosen.to));
  if (data.by?.[0] === "weekday") return data.members.map(([weekday]) => completeDays(weekday) > 0);
  if (data.by) return data.members.map((member) => member !== null && cellsOf(data.by, member, data.reach) !== undefined);
  const within = data.labels.map(() => false);
  for (const series of data.series) {
    if (series.measure === null) continue;
    const names = measureNames(series.measure);
    eachSlice(series.measure, (label, _, facets) => {
      if (isChosen(facets, chosen, names)) within[label] = true;
    });
  }
  return within;
}

// A series that cannot follow a filter which others of its chart follow would mix two scopes: it leaves.
function filteredSeries(data, series, chosen, within, scope) {
  const kept = (values) => values.filter((_, place) => within[place]);
  if (series.sum && data.by) return { ...series, values: kept(cellSeries(data, series, data.reach)) };
  if (series.measure === null || scope.applied.some((name) => !measureNames(series.measure).includes(name))) {
    return { ...series, values: kept(series.values), gone: true };
  }
  const names = measureNames(series.measure);
  const sums = series.values.map((value) => (value === null ? null : 0));
  eachSlice(series.measure, (label, value, facets) => {
    if (isChosen(facets, chosen, names)) sums[label] += value;
  });
  return { ...series, values: kept(sums) };
}

function filteredData(data, chosen, scope) {
  const within = labelsWithin(data, chosen);
  return {
    ...data,
    labels: data.labels.filter((_, place) => within[place]),
    labelColours: data.labelColours?.filter((_, place) => within[place]) ?? null,
    series: data.series.map((series) => filteredSeries(data, series, chosen, within, scope)),
    marks: data.marks.filter((mark) => typeof mark.value === "string"), // levels are those of all calls
    within,
  };
}

function filterFigure(figure) {
  const scope = scopeOf(figure.reacting());
  figure.show(scope.applied.length ? filteredData(figure.data, selection(), scope) : figure.data);
  figure.say(scope);
  says(figure.element, scope, "this chart shows all calls");
  const table = tables.get(figure.id + "-data");
  if (table && figure.tabled !== figure.shown) fillDataTable(table, figure);
  figure.tabled = figure.shown;
  return { id: figure.id, name: figure.subject, scope };
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
  else cell.dataset.value = same ? plain : plainNumber(value);
}

function filterCard(card) {
  const value = card.querySelector(".card__value");
  value.dataset.original ??= value.textContent;
  const sum = cellStore && card.dataset.sum ? JSON.parse(card.dataset.sum) : null;
  const scope = scopeOf(sum ? cellNames(reachOf([], [sum])) : (card.dataset.dimensions || "").split(" ").filter(Boolean));
  const filtered = scope.applied.length > 0;
  if (!filtered) value.textContent = value.dataset.original;
  else if (sum) value.textContent = cardText(sum, card.dataset.unit);
  else value.textContent = bound(value.dataset.original) + formatProse(chosenSum(Number(card.dataset.measure), selection()), card.dataset.unit);
  for (const part of card.querySelectorAll(".card__change, .card__note, .card__reason, .spark")) part.classList.toggle("is-hidden", filtered);
  says(card, scope, "this figure is for all calls");
  return { id: card.id, name: card.querySelector(".card__label").textContent, scope };
}

function cardText(sum, unit) {
  const reach = reachOf([], [sum]);
  return cellText(sumsFor([], [], sum, reach, false) ?? noSums(), sum, reach, unit, formatProse, completeDays(""));
}

// Of a sum of which some is unknown, every part may be.
const bound = (text) => (/^[\u2265\u2264]/.test(text) ? text.slice(0, 2) : "");

function filterTable(table) {
  const scope = table.scope();
  says(table.block, scope, "this table shows all rows");
  return { id: table.id, name: table.title, scope };
}

function applyFilters() {
  forgetCells();
  showFilters();
  stepBack();
  const reports = [
    ...[...document.querySelectorAll(".card")].map(filterCard),
    ...[...figures.values()].map(filterFigure),
    ...[...tables.values()].filter((table) => table.block.matches(".table-block")).map(filterTable),
  ];
  showBanner(reports);
}
