// Small Chart.js plugins that draw on top: lines across a chart, figures at bars and peaks, links between steps.
const chartFont = (weight, size) => `${weight} ${size}px ${Chart.defaults.font.family}`;

const VALUE_SIZE = 12;

// The room that figures beside bars need.
function widestText(texts) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = chartFont(500, VALUE_SIZE);
  return Math.max(0, ...texts.map((text) => context.measureText(text).width)) + 10;
}

function drawing(chart, action) {
  chart.ctx.save();
  action(chart.ctx);
  chart.ctx.restore();
}

// ----- lines across a chart with their labels
const marksPlugin = {
  id: "marks",
  afterDatasetsDraw(chart) {
    const taken = [];
    for (const { axis, mark } of chart.config.options.plugins.marks?.list || []) drawMark(chart, axis, mark, taken);
  },
};

function drawMark(chart, axis, mark, taken) {
  const scale = chart.scales[axis];
  const value = typeof mark.value === "string" ? scale.getLabels().indexOf(mark.value) : mark.value;
  const place = scale.getPixelForValue(value);
  const { left, right, top, bottom } = chart.chartArea;
  const upright = scale.isHorizontal();
  if (value === -1 || !Number.isFinite(place) || (upright ? place < left || place > right : place < top || place > bottom)) return;
  drawing(chart, (context) => {
    context.beginPath();
    if (upright) context.moveTo(place, top), context.lineTo(place, bottom);
    else context.moveTo(left, place), context.lineTo(right, place);
    if (chart.config.type === "bar") strokeMark(context, "surface", 3.5, []);
    strokeMark(context, "ink", 1.5, [6, 4]);
    context.setLineDash([]);
    context.font = chartFont(600, 12);
    drawMarkLabel(context, shorten(mark.label, 40), upright, place, chart.chartArea, taken);
  });
}

// Across bars twice, so that it stands out from them and from the ground alike.
function strokeMark(context, ink, width, dashes) {
  context.strokeStyle = colour(ink);
  context.lineWidth = width;
  context.setLineDash(dashes);
  context.stroke();
}

function drawMarkLabel(context, text, upright, place, area, taken) {
  const width = context.measureText(text).width + 10;
  let x = upright ? place + 4 : area.left + 4;
  if (x + width > area.right) x = upright ? place - width - 4 : area.right - width;
  let y = upright ? area.top + 2 : place - 20 < area.top ? place + 3 : place - 20;
  while (taken.some((box) => x < box.x + box.width && box.x < x + width && Math.abs(box.y - y) < 17)) y += 18;
  taken.push({ x, y, width });
  context.fillStyle = colour("surface");
  context.globalAlpha = 0.88;
  context.fillRect(x, y, width, 17);
  context.globalAlpha = 1;
  context.fillStyle = colour("ink");
  context.textBaseline = "top";
  context.textAlign = "left";
  context.fillText(text, x + 5, y + 3);
}

// ----- figures at the ends of bars
const valuesPlugin = {
  id: "values",
  afterDatasetsDraw(chart) {
    const texts = chart.config.options.plugins.values?.texts;
    if (!texts) return;
    const flat = chart.config.options.indexAxis === "y";
    const bars = chart.getDatasetMeta(0).data;
    drawing(chart, (context) => {
      context.fillStyle = colour("ink");
      if (flat) context.font = chartFont(500, VALUE_SIZE);
      else if (!fitFont(context, texts, bars.length > 1 ? Math.abs(bars[1].x - bars[0].x) : Infinity)) return;
      bars.forEach((bar, place) => texts[place] && drawValue(context, bar, texts[place], flat));
    });
  },
};

// The largest font in which the widest text fits between two bars; without one the figures are left to the table.
function fitFont(context, texts, room) {
  return [12, 11, 10].some((size) => {
    context.font = chartFont(500, size);
    return Math.max(...texts.map((text) => context.measureText(text).width)) + 3 <= room;
  });
}

// Beside a lying bar always to the right, where there is room for it; on the left stand the names.
function drawValue(context, bar, text, flat) {
  context.textAlign = flat ? "left" : "center";
  context.textBaseline = flat ? "middle" : "bottom";
  if (flat) context.fillText(text, Math.max(bar.x, bar.base) + 6, bar.y);
  else context.fillText(text, bar.x, Math.min(bar.y, bar.base) - 4);
}

// ----- the highest point of a line, named
const peakPlugin = {
  id: "peak",
  afterDatasetsDraw(chart) {
    const peak = chart.config.options.plugins.peak;
    const point = peak && chart.getDatasetMeta(peak.dataset).data[peak.at];
    if (!point) return;
    drawing(chart, (context) => {
      context.font = chartFont(600, 12);
      const half = context.measureText(peak.text).width / 2 + 2;
      const { left, right, top } = chart.chartArea;
      context.fillStyle = seriesColour(peak.colour);
      context.beginPath();
      context.arc(point.x, point.y, 4, 0, 2 * Math.PI);
      context.fill();
      context.fillStyle = colour("ink");
      context.textAlign = "center";
      context.textBaseline = "bottom";
      context.fillText(peak.text, Math.min(Math.max(point.x, left + half), right - half), Math.max(point.y - 7, top + 4));
    });
  },
};

// ----- links between the steps of a waterfall
const linksPlugin = {
  id: "links",
  beforeDatasetsDraw(chart) {
    const levels = chart.config.options.plugins.links?.levels || [];
    const bars = chart.getDatasetMeta(0).data;
    drawing(chart, (context) => {
      context.strokeStyle = colour("edge");
      context.setLineDash([3, 3]);
      levels.slice(0, -1).forEach((level, place) => {
        if (level === null) return;
        const y = chart.scales.y.getPixelForValue(level);
        context.beginPath();
        context.moveTo(bars[place].x + bars[place].width / 2, y);
        context.lineTo(bars[place + 1].x - bars[place + 1].width / 2, y);
        context.stroke();
      });
    });
  },
};
