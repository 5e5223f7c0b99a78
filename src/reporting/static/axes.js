// What all charts share: axes, legend, tooltip. Every chart gets objects of its own, since Chart.js writes into them.
const wantsStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const NARROW = 480;
const WIDE = 800;
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

const axisTitle = (text) => ({ display: Boolean(text), text, color: () => colour("muted"), padding: 5 });

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

// Ticks at 1, 2 and 5 of each power of ten, or at the powers alone: more would collide.
function logarithmicAxis(title, unit) {
  return valueAxis(title, unit, {
    type: "logarithmic",
    afterBuildTicks(scale) {
      const powers = [];
      for (let power = Math.floor(Math.log10(scale.min)); power <= Math.log10(scale.max); power += 1) powers.push(power);
      const steps = powers.length > 3 ? [1] : [1, 2, 5];
      const values = powers.flatMap((power) => steps.map((step) => Number(`${step}e${power}`)));
      scale.ticks = values.filter((value) => value >= scale.min && value <= scale.max).map((value) => ({ value }));
    },
  });
}

// Labels that are days are shortened; the year stands in the title. Numbers and days never turn, names may.
function labelAxis(title, labels, most) {
  const dated = labels.length > 0 && labels.every((text) => ISO_DAY.test(text));
  const years = dated ? [...new Set([labels[0].slice(0, 4), labels.at(-1).slice(0, 4)])].join("/") : "";
  const counted = labels.some((text) => text.includes(",")) && labels.every((text) => /^[\d,]+$/.test(text));
  const level = dated || labels.every((text) => /^[\d,.]+$/.test(text));
  return {
    title: axisTitle(years ? `${title}, ${years}` : title),
    ticks: {
      color: () => colour("muted"),
      maxRotation: level ? 0 : 40,
      autoSkipPadding: level ? 18 : 10,
      callback(value) {
        const text = String(this.getLabelForValue(value));
        if (dated) return dayText(text, false);
        if (counted) return formatTick(Number(text.replaceAll(",", "")), "count");
        return shorten(text, lettersFor(this.chart.width, most));
      },
    },
    grid: { display: false },
    border: { color: () => colour("edge") },
  };
}

const lettersFor = (width, most) => (width < NARROW ? Math.min(most, 16) : width < WIDE ? most : Math.round(most * 1.5));

// Below a few upright bars each label has its place: on lines of its own, or upright where these are too narrow.
const FEW_BARS = 12;
const LEAST_LETTERS = 6;
const AXIS_ROOM = 60;
const LETTER = 7.2;

function barAxis(title, labels, most) {
  const made = labelAxis(title, labels, most);
  if (labels.length > FEW_BARS || made.ticks.maxRotation === 0) return made;
  const letters = (chart) => Math.floor((chart.width - AXIS_ROOM) / labels.length / LETTER);
  made.beforeCalculateLabelRotation = (scale) => {
    const angle = letters(scale.chart) < LEAST_LETTERS ? 90 : 0;
    Object.assign(scale.options.ticks, { minRotation: angle, maxRotation: angle });
  };
  Object.assign(made.ticks, {
    autoSkip: false,
    callback(value) {
      const [text, room] = [String(this.getLabelForValue(value)), letters(this.chart)];
      return room < LEAST_LETTERS ? shorten(text, 18) : brokenInto(text, Math.min(room, lettersFor(this.chart.width, most)), 3);
    },
  });
  return made;
}

function brokenInto(text, letters, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length > letters && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  const shown = lines.slice(0, most).map((line) => shorten(line, letters));
  if (lines.length > most) shown[most - 1] = shorten(`${shown[most - 1]}\u2026`, letters);
  return shown;
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
