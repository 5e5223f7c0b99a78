// What all charts share: axes, legend, tooltip. Every chart gets objects of its own, since Chart.js writes into them.
const wantsStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const NARROW = 480;
const MOST_TICKS = 7;

function common() {
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: wantsStill() ? false : { duration: 350 },
    interaction: { mode: "index", intersect: false },
    layout: { padding: { top: 10 } },
  };
}

const axisTitle = (text) => ({ display: Boolean(text), text, color: () => colour("muted"), padding: 2 });

function valueAxis(title, unit, extra) {
  const said = HEADER_UNITS[unit];
  return {
    title: axisTitle(title && said ? `${title} (${said})` : title || said || ""),
    ticks: { color: () => colour("muted"), maxRotation: 0, autoSkipPadding: 14, maxTicksLimit: MOST_TICKS, callback: (value) => formatTick(value, unit) },
    grid: { color: () => colour("line"), drawTicks: false },
    border: { display: false },
    ...extra,
  };
}

// Ticks at 1, 2 and 5 of each power of ten: more would collide.
function logarithmicAxis(title, unit) {
  return valueAxis(title, unit, {
    type: "logarithmic",
    afterBuildTicks(scale) {
      const steps = scale.ticks.filter(({ value }) => [1, 2, 5].includes(Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9))));
      scale.ticks = steps.length > MOST_TICKS + 1 ? steps.filter(({ value }) => Math.abs(Math.log10(value) % 1) < 1e-6) : steps;
    },
  });
}

// Labels that are days are shortened; the year stands in the title. Numbers and days never turn, names may.
function labelAxis(title, labels, most) {
  const dated = labels.length > 0 && labels.every((text) => ISO_DAY.test(text));
  const years = dated ? [...new Set([labels[0].slice(0, 4), labels.at(-1).slice(0, 4)])].join("/") : "";
  const level = dated || labels.every((text) => /^[\d.,]+$/.test(text));
  return {
    title: axisTitle(years ? `${title}, ${years}` : title),
    ticks: {
      color: () => colour("muted"),
      maxRotation: level ? 0 : 40,
      autoSkipPadding: level ? 18 : 10,
      callback(value) {
        const text = String(this.getLabelForValue(value));
        return dated ? dayText(text, false) : shorten(text, this.chart.width < NARROW ? Math.min(most, 16) : most);
      },
    },
    grid: { display: false },
    border: { color: () => colour("edge") },
  };
}

const tooltipStyle = () => ({
  backgroundColor: () => colour("ink"),
  titleColor: () => colour("surface"),
  bodyColor: () => colour("surface"),
  padding: 10,
  cornerRadius: 8,
  boxPadding: 4,
});

// A line is shown as a line, a band as a broad one.
const lineLegend = {
  boxWidth: 22,
  boxHeight: 0,
  generateLabels: (chart) => Chart.defaults.plugins.legend.labels.generateLabels(chart)
    .map((item) => (chart.data.datasets[item.datasetIndex].band ? { ...item, lineWidth: 9, strokeStyle: item.fillStyle } : item)),
};

const legend = (display, extra) => ({
  display,
  position: "top",
  align: "start",
  labels: { color: () => colour("ink"), boxWidth: 14, boxHeight: 10, padding: 12, filter: (item) => item.text !== "", ...extra },
});
