// The figures of a page: each draws its chart, draws it anew under a filter, and recolours it for theme and print.
const figures = new Map();
const CONFIGURATIONS = { heat: heatConfiguration, scatter: scatterConfiguration, chart: chartConfiguration };
const PAPER = { wide: [700, 240], narrow: [340, 220] };
const PAPER_SHARPNESS = 2;

class Figure {
  constructor(element) {
    this.element = element;
    this.id = element.id;
    this.canvas = element.querySelector("canvas");
    this.title = element.querySelector("figcaption h3").textContent;
    this.subject = element.querySelector(".figure__subject").textContent;
    this.data = JSON.parse(element.querySelector("[data-config]").textContent);
    if (!cellStore) this.data.by = null;
    this.data.reach = this.data.by ? reachOf(this.data.by, this.data.series.map((series) => series.sum)) : [];
    this.shown = this.data;
    this.tabled = this.data; // what the table below shows
    this.dimensions = element.dataset.dimensions.split(" ").filter(Boolean);
    this.label = this.canvas.getAttribute("aria-label");
    this.shownTitle = this.title;
    this.shownSubject = this.subject;
    this.scope = scopeOf([]);
    element.querySelector("[data-download-png]").addEventListener("click", () => downloadPng(this));
  }

  configuration() {
    return CONFIGURATIONS[this.data.form](this.shown);
  }

  // The filters that it follows.
  reacting() {
    return this.data.by && cellStore ? cellNames(this.data.reach) : this.dimensions;
  }

  // Under a filter the title says what is drawn and what applied; the finding, which is of all calls, steps back.
  say(scope) {
    this.scope = scope;
    const filtered = scope.applied.length > 0;
    this.shownTitle = filtered ? `${this.subject}: ${appliedText(scope)}` : this.title;
    this.shownSubject = filtered ? `Of all calls: ${this.title}` : this.subject;
    this.element.querySelector("figcaption h3").textContent = this.shownTitle;
    this.element.querySelector(".figure__subject").textContent = this.shownSubject;
    const unfiltered = scope.ignored.length ? `${scopeText(scope)} ${this.label}` : this.label;
    this.canvas.setAttribute("aria-label", filtered ? filteredLabel(this.shown, this.subject, scope) : unfiltered);
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

  // The browser asks before it lays the page out for paper: chart and box are given the size that paper has for them.
  // Chart.js may still hold a size of the screen: one that waits for the next drawing is spent first, one that comes
  // with the next frame finds nobody who would take it.
  ontoPaper() {
    const [width, height] = PAPER[this.element.classList.contains("wide") ? "wide" : "narrow"];
    const tall = Math.max(height, this.tallness());
    this.sizeBox(`${width}px`, `${tall}px`, "none");
    this.chart.stop(); // a chart in motion would put its new size off
    this.chart.draw();
    this.chart.options.animation = false;
    this.chart.options.devicePixelRatio = PAPER_SHARPNESS;
    this.chart.resize(width, tall);
    this.chart.update("none");
    this.chart.resize = () => undefined;
  }

  sizeBox(width, height, flex) {
    Object.assign(this.canvas.parentElement.style, { width, height, flex });
  }

  // Horizontal bars need a line each.
  tallness() {
    return this.data.kind === "bar_horizontal" ? 70 + this.data.labels.length * this.data.series.length * 15 : 0;
  }

  offPaper() {
    this.sizeBox("", "", "");
    delete this.chart.options.devicePixelRatio;
    delete this.chart.resize;
    this.chart.resize();
    this.chart.update("none");
  }
}

function startCharts() {
  readPalette();
  if (!document.querySelector("[data-figure]")) return;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
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
