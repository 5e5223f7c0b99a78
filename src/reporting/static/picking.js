// A click on a bar filters by its name; a click on a day marks it, one on a second day makes a period of the two.
const PICKED = [...SHARED, "month"];
let firstDayPicked = "";

function pick(figure, event) {
  const [hit] = figure.chart.getElementsAtEventForMode(event, "index", { intersect: false, axis: figure.chart.options.indexAxis || "x" }, true);
  if (hit) pickLabel(figure, hit.index);
}

function pickLabel(figure, index) {
  const [by] = figure.data.by || [];
  if (!by) return;
  const places = figure.data.members.map((_, place) => place).filter((place) => !figure.shown.within || figure.shown.within[place]);
  const member = figure.data.members[places[index]]?.[0];
  if (member === undefined) return;
  if (by === "period") pickDay(figure, member);
  else if (by === "month") changeShared({ period: monthPeriod(member) });
  else changeShared({ [by]: state[by] === (member || NO_NAME) ? "" : member || NO_NAME });
}

// A calendar month within the days of the data; "" is all of them.
function monthPeriod(month) {
  const { firstDay, lastDay } = pageData;
  const days = dayOptions(firstDay, lastDay).filter((day) => day.startsWith(month));
  return days[0] === firstDay && days.at(-1) === lastDay ? "" : `${days[0]}..${days.at(-1)}`;
}

function pickDay(figure, day) {
  if (!firstDayPicked) {
    firstDayPicked = day;
    const mark = { label: "from here: click the last day", value: day, vertical: true };
    figure.show({ ...figure.shown, marks: [...figure.shown.marks, mark] });
    announce(`${dayText(day, true)}: a click on another day makes a period.`);
    return;
  }
  const [from, to] = [firstDayPicked, day].sort();
  const { firstDay, lastDay } = pageData;
  firstDayPicked = "";
  changeShared({ period: from === firstDay && to === lastDay ? "" : `${from}..${to}` });
}

// Arrow keys go from label to label of a chart and say its figures; Enter does what a click does.
function pickByKey(figure, event) {
  const { chart } = figure;
  const last = chart.data.labels.length - 1;
  const at = chart.getActiveElements()[0]?.index ?? -1;
  const moves = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last };
  if (event.key === "Enter" && at >= 0) pickLabel(figure, at);
  else if (event.key in moves) showLabel(figure, Math.max(0, Math.min(last, moves[event.key])));
  else return;
  event.preventDefault();
}

function showLabel({ chart, data }, index) {
  const active = chart.data.datasets.map((_, datasetIndex) => ({ datasetIndex, index }));
  chart.setActiveElements(active);
  chart.tooltip?.setActiveElements(active, { x: 0, y: 0 });
  chart.update("none");
  const figuresOf = chart.data.datasets.map((set) => `${set.label}: ${typeof set.data[index] === "number" ? formatProse(set.data[index], data.unit) : "n/a"}`);
  announce(`${chart.data.labels[index]}, ${figuresOf.join(", ")}`);
}

// The name at the head of a row is a button that filters by it, where the table is one of such names.
function startRowPicking() {
  for (const table of tables.values()) {
    const name = table.by?.at(-1);
    if (!NAMED.includes(name)) continue;
    for (const { row } of table.rows) {
      const head = row.cells[0];
      if (row.dataset.rest || head.scope !== "row") continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "row-pick";
      button.dataset.name = row.dataset[name] || NO_NAME;
      button.append(...head.childNodes);
      button.addEventListener("click", () => changeShared({ [name]: state[name] === button.dataset.name ? "" : button.dataset.name }));
      head.append(button);
    }
  }
}

// What is chosen is marked wherever its row stands.
function markPicked() {
  for (const table of tables.values()) {
    for (const { row } of table.rows) {
      const picked = NAMED.some((name) => state[name] && row.dataset[name] !== undefined && (row.dataset[name] || NO_NAME) === state[name]);
      row.classList.toggle("is-picked", picked);
    }
  }
}

function startPicking() {
  startRowPicking();
  stateListeners.push(markPicked);
  for (const figure of figures.values()) {
    if (!PICKED.includes(figure.data.by?.[0])) continue;
    figure.canvas.classList.add("is-pickable");
    figure.canvas.addEventListener("click", (event) => pick(figure, event));
    figure.canvas.tabIndex = 0;
    figure.canvas.addEventListener("keydown", (event) => pickByKey(figure, event));
  }
}
