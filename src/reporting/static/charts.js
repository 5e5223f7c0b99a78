// Charts: one configuration made anew for every chart (Chart.js writes into what it is given), colours asked for
// at each drawing so that theme and print need no new chart.
const figures = new Map();
const SERIES_COLOURS = 6;
let palette = {};

function readPalette() {
  const style = getComputedStyle(root);
  const names = ["ink", "muted", "line", "surface", "raised", "edge", "heat-low", "heat-high", "good", "bad"];
  for (let place = 1; place <= SERIES_COLOURS; place += 1) names.push("series-" + place);
  palette = Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
}

const colour = (name) => palette[name];
const seriesColour = (number) => colour("series-" + ((number % SERIES_COLOURS) + 1));
const faded = (hex, share) => hex + Math.round(share * 255).toString(16).padStart(2, "0");
const wantsStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Entities beyond the sixth share a hue with another: bars are hatched, lines dashed.
function hatch(number) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const context = tile.getContext("2d");
  context.fillStyle = seriesColour(number);
  context.fillRect(0, 0, 8, 8);
  context.strokeStyle = colour("surface");
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(-2, 10);
  context.lineTo(10, -2);
  context.stroke();
  return context.createPattern(tile, "repeat");
}

const barFill = (number) => (number >= SERIES_COLOURS ? hatch(number) : seriesColour(number));

function mixed(low, high, share) {
  const parts = [1, 3, 5].map((start) => {
    const [one, other] = [low, high].map((hex) => parseInt(hex.slice(start, start + 2), 16));
    return Math.round(one + (other - one) * share);
  });
  return `rgb(${parts.join(",")})`;
}

function axis(title, unit, extra) {
  return {
    title: { display: Boolean(title), text: title + (HEADER_UNITS[unit] ? ` (${HEADER_UNITS[unit]})` : ""), color: () => colour("muted") },
    ticks: { color: () => colour("muted"), callback: unit ? (value) => formatTick(value, unit) : undefined },
    grid: { color: () => colour("line") },
    border: { color: () => colour("edge") },
    ...extra,
  };
}

function labelAxis(title, most) {
  return axis(title, "", {
    grid: { display: false },
    ticks: {
      color: () => colour("muted"),
      maxRotation: 45,
      autoSkipPadding: 12,
      callback(value) {
        return shorten(String(this.getLabelForValue(value)), most);
      },
    },
  });
}

const tooltipStyle = () => ({
  backgroundColor: () => colour("ink"),
  titleColor: () => colour("surface"),
  bodyColor: () => colour("surface"),
  padding: 10,
  cornerRadius: 8,
});

function common() {
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: wantsStill() ? false : { duration: 350 },
    interaction: { mode: "index", intersect: false },
    layout: { padding: { top: 8 } },
  };
}

const legend = (display) => ({
  display,
  position: "bottom",
  align: "start",
  labels: { color: () => colour("ink"), boxWidth: 14, boxHeight: 14, padding: 14, usePointStyle: false, filter: (item) => item.text !== "" },
});

// ----- charts over labels
function chartConfiguration(data) {
  if (data.kind === "doughnut") return doughnut(data);
  if (data.kind === "waterfall") return waterfall(data);
  return overLabels(data);
}

function overLabels(data) {
  const flat = data.kind === "bar_horizontal";
  const line = data.kind === "line";
  const stacked = data.kind === "bar_stacked";
  const shownSeries = data.series.filter((series) => !series.gone);
  const value = axis("", data.unit, { stacked, beginAtZero: !line || !data.series.some((series) => series.role === "measure" && series.values.some((entry) => entry < 0)) });
  value.title.text = HEADER_UNITS[data.unit] || "";
  value.title.display = Boolean(value.title.text);
  const label = { ...labelAxis(data.labelTitle, 28), stacked };
  if (flat) label.ticks.autoSkip = false;
  const texts = flat && shownSeries.length === 1 && data.labels.length <= 40 ? shownSeries[0].values.map((entry) => (entry === null ? "" : formatCell(entry, data.unit))) : null;
  const marks = data.marks.map((mark) => ({ mark, axis: (mark.vertical !== flat) ? "x" : "y" }));
  return {
    type: line ? "line" : "bar",
    data: { labels: data.labels, datasets: datasets(data, shownSeries, line) },
    options: {
      ...common(),
      indexAxis: flat ? "y" : "x",
      scales: flat ? { x: { ...value, grace: texts ? "12%" : 0 }, y: label } : { x: label, y: value },
      plugins: {
        legend: legend(shownSeries.filter((series) => !series.role.startsWith("band")).length > 1),
        tooltip: { ...tooltipStyle(), callbacks: tooltipTexts(data.unit, flat) },
        marks: { list: marks },
        values: { texts },
      },
    },
    plugins: [marksPlugin, valuesPlugin],
  };
}

const tooltipTexts = (unit, flat) => ({
  title: (items) => shorten(items[0]?.label || "", 80),
  label: (item) => `${shorten(item.dataset.fullName || item.label, 60)}: ${formatProse(flat ? item.parsed.x : item.parsed.y, unit)}`,
});

function datasets(data, seriesList, line) {
  const taken = new Set(seriesList.map((series) => series.colour).filter((number) => number !== null));
  let next = 0;
  const lows = [];
  return seriesList.map((series, place) => {
    let number = series.colour;
    if (number === null && series.role === "measure") {
      while (taken.has(next)) next += 1;
      number = next;
      next += 1;
    }
    if (series.role === "band_low") lows.push(place);
    const low = series.role === "band_high" ? lows.pop() : undefined;
    return dataset(data, series, number ?? 0, line, low);
  });
}

function dataset(data, series, number, line, low) {
  const band = series.role.startsWith("band");
  const made = { label: band ? "" : shorten(series.name, 40), fullName: series.name, data: series.values };
  const tint = () => (series.role === "reference" ? colour("edge") : seriesColour(number));
  if (!line) {
    const fill = data.labelColours ? (context) => barFill(data.labelColours[context.dataIndex] ?? 0) : () => barFill(number);
    return { ...made, backgroundColor: fill, borderRadius: data.kind === "bar_stacked" ? 0 : 4, maxBarThickness: 44, borderColor: () => colour("surface"), borderWidth: data.kind === "bar_stacked" ? { top: 1 } : 0 };
  }
  const dash = series.role === "forecast" ? [6, 4] : series.role === "reference" ? [2, 3] : number >= SERIES_COLOURS ? [10, 3] : [];
  return {
    ...made,
    borderColor: band ? "transparent" : tint,
    backgroundColor: band ? () => faded(seriesColour(number), 0.18) : tint,
    borderWidth: band ? 0 : 2.25,
    borderDash: dash,
    pointRadius: band || data.labels.length > 3 ? (onlyPoint(series) ? 3 : 0) : 4,
    pointHoverRadius: band ? 0 : 5,
    tension: 0.2,
    fill: low === undefined ? false : { target: low },
  };
}

const onlyPoint = (series) => series.values.filter((value) => value !== null).length < 2;

function waterfall(data) {
  const steps = data.series[0]?.values || [];
  const last = steps.length - 1;
  let level = 0;
  const bars = steps.map((step, place) => {
    if (step === null) return null;
    const total = place === 0 || place === last;
    const from = total ? 0 : level;
    level = total ? step : level + step;
    return [from, level];
  });
  const tint = (context) => {
    const place = context.dataIndex;
    return place === 0 || place === last ? seriesColour(0) : steps[place] < 0 ? seriesColour(1) : seriesColour(2);
  };
  const texts = steps.map((step, place) => (step === null ? "" : (step > 0 && place !== 0 && place !== last ? "+" : "") + formatCell(step, data.unit)));
  const value = axis("", data.unit, { beginAtZero: true, grace: "8%" });
  return {
    type: "bar",
    data: { labels: data.labels, datasets: [{ label: data.series[0]?.name || "", data: bars, backgroundColor: tint, borderRadius: 4, maxBarThickness: 64 }] },
    options: {
      ...common(),
      scales: { x: labelAxis(data.labelTitle, 22), y: value },
      plugins: {
        legend: legend(false),
        tooltip: { ...tooltipStyle(), callbacks: { label: (item) => texts[item.dataIndex] } },
        marks: { list: data.marks.map((mark) => ({ mark, axis: mark.vertical ? "x" : "y" })) },
        values: { texts: data.labels.length <= 14 ? texts : null },
      },
    },
    plugins: [marksPlugin, valuesPlugin],
  };
}

function doughnut(data) {
  const numbers = data.labels.map((_, place) => data.labelColours?.[place] ?? place);
  return {
    type: "doughnut",
    data: {
      labels: data.labels.map((text) => shorten(text, 40)),
      datasets: [{ data: data.series[0]?.values || [], backgroundColor: (context) => barFill(numbers[context.dataIndex] ?? 0), borderColor: () => colour("surface"), borderWidth: 3 }],
    },
    options: {
      ...common(),
      interaction: { mode: "nearest", intersect: true },
      cutout: "62%",
      plugins: {
        legend: { ...legend(true), position: "right", align: "center" },
        tooltip: { ...tooltipStyle(), callbacks: { label: (item) => `${item.label}: ${formatProse(item.parsed, data.unit)}` } },
      },
    },
    plugins: [],
  };
}

// ----- heat map
function heatConfiguration(data) {
  const cells = data.values.flatMap((line, y) => line.map((v, x) => ({ x: data.columns[x], y: data.rows[y], v })));
  const known = cells.map((cell) => cell.v).filter((value) => value !== null);
  const [low, high] = [Math.min(...known, Infinity), Math.max(...known, -Infinity)];
  const share = (value) => (high > low ? (value - low) / (high - low) : 0.5);
  const size = (chart, scale, number) => Math.max(2, (chart.chartArea || {})[scale === "x" ? "width" : "height"] / number - 2) || 2;
  return {
    type: "matrix",
    data: {
      datasets: [{
        label: data.rowTitle,
        data: cells,
        backgroundColor: (context) => (context.raw?.v === null || !context.raw ? "transparent" : mixed(colour("heat-low"), colour("heat-high"), share(context.raw.v))),
        borderColor: () => colour("line"),
        borderWidth: (context) => (context.raw?.v === null ? 1 : 0),
        borderRadius: 3,
        width: ({ chart }) => size(chart, "x", data.columns.length),
        height: ({ chart }) => size(chart, "y", data.rows.length),
      }],
    },
    options: {
      ...common(),
      interaction: { mode: "nearest", intersect: true },
      scales: {
        x: { ...labelAxis(data.columnTitle, 14), type: "category", labels: data.columns, offset: true },
        y: { ...labelAxis(data.rowTitle, 20), type: "category", labels: data.rows, offset: true, reverse: false },
      },
      plugins: {
        legend: legend(false),
        tooltip: { ...tooltipStyle(), callbacks: { title: () => "", label: ({ raw }) => `${raw.y}, ${raw.x}: ${raw.v === null ? "n/a" : formatProse(raw.v, data.unit)}` } },
      },
    },
    plugins: [],
  };
}

// ----- scatter
const SHAPES = ["circle", "rectRot", "triangle", "rect", "star", "crossRot"];

function scatterConfiguration(data) {
  let next = 0;
  return {
    type: "scatter",
    data: { datasets: data.groups.map((group, place) => scatterGroup(data, group, group.colour ?? next++, place)) },
    options: {
      ...common(),
      interaction: { mode: "nearest", intersect: true },
      scales: {
        x: axis(data.xTitle, data.xUnit, { type: data.xLogarithmic ? "logarithmic" : "linear", grace: data.xLogarithmic ? 0 : "5%" }),
        y: axis(data.yTitle, data.unit, { grace: "5%" }),
      },
      plugins: {
        legend: legend(data.groups.length > 1),
        tooltip: {
          ...tooltipStyle(),
          callbacks: { label: ({ raw }) => `${shorten(raw.label, 60)}: ${formatProse(raw.x, data.xUnit)}, ${formatProse(raw.y, data.unit)}` },
        },
        marks: {
          list: [...data.xMarks.map((mark) => ({ mark, axis: "x" })), ...data.yMarks.map((mark) => ({ mark, axis: "y" }))],
        },
      },
    },
    plugins: [marksPlugin, pointNames(data)],
  };
}

function scatterGroup(data, group, number, place) {
  const largest = Math.max(1, ...data.groups.flatMap((entry) => entry.points.map((point) => point.size || 0)));
  return {
    label: shorten(group.name, 40),
    data: group.points,
    showLine: group.joined,
    borderColor: () => seriesColour(number),
    backgroundColor: () => seriesColour(number),
    borderWidth: 2,
    borderDash: group.joined ? [5, 4] : [],
    pointStyle: SHAPES[place % SHAPES.length],
    pointRadius: group.points.map((point) => (point.size ? 4 + 12 * Math.sqrt(point.size / largest) : 5)),
    pointHoverRadius: 8,
  };
}

// Names beside the points, where there are few enough to read.
const pointNames = (data) => ({
  id: "pointNames",
  afterDatasetsDraw(chart) {
    if (data.groups.reduce((sum, group) => sum + group.points.length, 0) > 14) return;
    const context = chart.ctx;
    context.save();
    context.font = `12px ${Chart.defaults.font.family}`;
    context.fillStyle = colour("muted");
    data.groups.forEach((group, place) => {
      chart.getDatasetMeta(place).data.forEach((point, index) => {
        const text = shorten(group.points[index].label, 22);
        const fits = point.x + 12 + context.measureText(text).width < chart.chartArea.right;
        context.textAlign = fits ? "left" : "right";
        context.fillText(text, point.x + (fits ? 10 : -10), point.y - 8);
      });
    });
    context.restore();
  },
});

// ----- figures
class Figure {
  constructor(element) {
    this.element = element;
    this.id = element.id;
    this.canvas = element.querySelector("canvas");
    this.title = element.querySelector("figcaption h3").textContent;
    this.subject = element.querySelector(".figure__subject").textContent;
    this.data = JSON.parse(element.querySelector("[data-config]").textContent);
    this.shown = this.data;
    this.dimensions = element.dataset.dimensions.split(" ").filter(Boolean);
    element.querySelector("[data-download-png]").addEventListener("click", () => downloadPng(this));
  }

  configuration() {
    if (this.data.form === "heat") return heatConfiguration(this.shown);
    if (this.data.form === "scatter") return scatterConfiguration(this.shown);
    return chartConfiguration(this.shown);
  }

  draw() {
    this.chart?.destroy();
    this.chart = new Chart(this.canvas, this.configuration());
  }

  show(data) {
    if (data === this.shown) return;
    this.shown = data;
    this.draw();
  }
}

function startCharts() {
  readPalette();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12.5;
  for (const element of document.querySelectorAll("[data-figure]")) {
    const figure = new Figure(element);
    figures.set(figure.id, figure);
    figure.draw();
  }
}

function recolourCharts() {
  readPalette();
  for (const figure of figures.values()) figure.chart?.update("none");
}

// Paper is light whatever the screen is: for print and for PNG.
function withPaper(action) {
  root.dataset.printing = "";
  readPalette();
  try {
    action();
  } finally {
    delete root.dataset.printing;
    readPalette();
  }
}
