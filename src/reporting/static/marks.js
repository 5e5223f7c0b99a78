// Two small Chart.js plugins: lines across a chart with their labels, and values at the ends of bars.
const marksPlugin = {
  id: "marks",
  afterDatasetsDraw(chart) {
    for (const { axis, mark } of chart.config.options.plugins.marks?.list || []) drawMark(chart, axis, mark);
  },
};

function drawMark(chart, axis, mark) {
  const scale = chart.scales[axis];
  const value = typeof mark.value === "string" ? scale.getLabels().indexOf(mark.value) : mark.value;
  const place = scale.getPixelForValue(value);
  const { left, right, top, bottom } = chart.chartArea;
  const upright = scale.isHorizontal();
  if (value === -1 || !Number.isFinite(place) || (upright ? place < left || place > right : place < top || place > bottom)) return;
  const context = chart.ctx;
  context.save();
  context.strokeStyle = colour("ink");
  context.lineWidth = 1.5;
  context.setLineDash([6, 4]);
  context.beginPath();
  if (upright) context.moveTo(place, top), context.lineTo(place, bottom);
  else context.moveTo(left, place), context.lineTo(right, place);
  context.stroke();
  context.setLineDash([]);
  context.font = `600 12px ${Chart.defaults.font.family}`;
  drawMarkLabel(context, shorten(mark.label, 40), upright, place, chart.chartArea);
  context.restore();
}

function drawMarkLabel(context, text, upright, place, area) {
  const width = context.measureText(text).width + 10;
  let x = upright ? place + 4 : area.left + 4;
  if (x + width > area.right) x = place - width - 4;
  const y = upright ? area.top + 2 : Math.max(area.top, place - 20);
  context.fillStyle = colour("surface");
  context.globalAlpha = 0.88;
  context.fillRect(x, y, width, 17);
  context.globalAlpha = 1;
  context.fillStyle = colour("ink");
  context.textBaseline = "top";
  context.textAlign = "left";
  context.fillText(text, x + 5, y + 3);
}

const valuesPlugin = {
  id: "values",
  afterDatasetsDraw(chart) {
    const texts = chart.config.options.plugins.values?.texts;
    if (!texts) return;
    const context = chart.ctx;
    const flat = chart.config.options.indexAxis === "y";
    context.save();
    context.font = `500 12px ${Chart.defaults.font.family}`;
    context.fillStyle = colour("ink");
    context.textAlign = flat ? "left" : "center";
    context.textBaseline = flat ? "middle" : "bottom";
    chart.getDatasetMeta(0).data.forEach((bar, place) => {
      if (!texts[place]) return;
      const end = flat ? Math.max(bar.x, bar.base) + 6 : Math.min(bar.y, bar.base) - 4;
      context.fillText(texts[place], flat ? end : bar.x, flat ? bar.y : end);
    });
    context.restore();
  },
};
