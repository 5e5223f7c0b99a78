// The heat map: cells from pale to deep, a scale above them, figures in the cells where they fit.
const SCALE_WIDTH = 120;
const SCALE_HEIGHT = 10;

function heatConfiguration(data) {
  const cells = data.values.flatMap((line, y) => line.map((v, x) => ({ x: data.columns[x], y: data.rows[y], v })));
  const known = cells.map((cell) => cell.v).filter((value) => value !== null);
  const range = { low: Math.min(...known, Infinity), high: Math.max(...known, -Infinity), unit: data.unit };
  const rowAxis = labelAxis(data.rowTitle, data.rows, 24);
  rowAxis.ticks.autoSkip = data.rows.length > FEW_BARS;
  const size = (chart, side, number) => Math.max(2, (chart.chartArea || {})[side] / number - 2) || 2;
  return {
    type: "matrix",
    data: {
      datasets: [{
        label: data.rowTitle,
        data: cells,
        backgroundColor: ({ raw }) => (raw ? heatColour(raw.v, range) : "transparent"),
        borderColor: () => colour("line"),
        borderWidth: ({ raw }) => (raw?.v === null ? 1 : 0),
        borderRadius: 3,
        width: ({ chart }) => size(chart, "width", data.columns.length),
        height: ({ chart }) => size(chart, "height", data.rows.length),
      }],
    },
    options: {
      ...common(),
      layout: { padding: { top: known.length ? 30 : 10 } },
      interaction: { mode: "nearest", intersect: true },
      scales: {
        x: { ...barAxis(data.columnTitle, data.columns, 16), type: "category", labels: data.columns, offset: true },
        y: { ...rowAxis, type: "category", labels: data.rows, offset: true, reverse: false },
      },
      plugins: {
        legend: legend(false),
        tooltip: { ...tooltipStyle(), callbacks: { title: () => "", label: ({ raw }) => `${raw.y}, ${raw.x}: ${raw.v === null ? "n/a" : formatProse(raw.v, data.unit)}` } },
        heat: known.length ? range : null,
      },
    },
    plugins: [heatScalePlugin, heatTextPlugin],
  };
}

function heatColour(value, { low, high }) {
  if (value === null) return "transparent";
  return mixed(colour("heat-low"), colour("heat-high"), high > low ? (value - low) / (high - low) : 0.5);
}

const heatScalePlugin = {
  id: "heatScale",
  afterDraw(chart) {
    const range = chart.config.options.plugins.heat;
    if (!range) return;
    drawing(chart, (context) => {
      context.font = chartFont(400, 12);
      context.fillStyle = colour("muted");
      context.textBaseline = "middle";
      const [low, high] = [range.low, range.high].map((value) => formatProse(value, range.unit));
      const right = chart.chartArea.right - context.measureText(high).width;
      const left = right - 8 - SCALE_WIDTH;
      const y = 4 + SCALE_HEIGHT / 2;
      context.textAlign = "right";
      context.fillText(low, left - 8, y);
      context.textAlign = "left";
      context.fillText(high, right, y);
      const ramp = context.createLinearGradient(left, 0, left + SCALE_WIDTH, 0);
      ramp.addColorStop(0, colour("heat-low"));
      ramp.addColorStop(1, colour("heat-high"));
      context.fillStyle = ramp;
      context.fillRect(left, 4, SCALE_WIDTH, SCALE_HEIGHT);
    });
  },
};

const heatTextPlugin = {
  id: "heatTexts",
  afterDatasetsDraw(chart) {
    const range = chart.config.options.plugins.heat;
    const boxes = chart.getDatasetMeta(0).data;
    if (!range || !boxes.length) return;
    drawing(chart, (context) => {
      context.font = chartFont(500, 11.5);
      context.textAlign = "center";
      context.textBaseline = "middle";
      const texts = chart.data.datasets[0].data.map(({ v }) => (v === null ? "" : formatCell(v, range.unit)));
      const widest = Math.max(...texts.map((text) => context.measureText(text).width));
      if (widest + 8 > boxes[0].width || boxes[0].height < 16) return;
      boxes.forEach((box, place) => {
        const centre = box.getCenterPoint();
        context.fillStyle = texts[place] ? inkOn(heatColour(chart.data.datasets[0].data[place].v, range)) : "transparent";
        context.fillText(texts[place], centre.x, centre.y);
      });
    });
  },
};
