// A click on a bar filters by its name; a click on a day marks it, one on a second day makes a period of the two.
const PICKED = [...SHARED, "month"];
let firstDayPicked = "";

function pick(figure, event) {
  const [by] = figure.data.by || [];
  const [hit] = figure.chart.getElementsAtEventForMode(event, "index", { intersect: false, axis: figure.chart.options.indexAxis || "x" }, true);
  if (!by || !hit) return;
  const places = figure.data.members.map((_, place) => place).filter((place) => !figure.shown.within || figure.shown.within[place]);
  const member = figure.data.members[places[hit.index]]?.[0];
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

function startPicking() {
  for (const figure of figures.values()) {
    if (!PICKED.includes(figure.data.by?.[0])) continue;
    figure.canvas.classList.add("is-pickable");
    figure.canvas.addEventListener("click", (event) => pick(figure, event));
  }
}
