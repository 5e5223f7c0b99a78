// Points on two axes, each with its name where there is room for it.
const SHAPES = ["circle", "rectRot", "triangle", "rect", "star", "crossRot"];
const MOST_NAMES = 24;
const NAME_LETTERS = 24;

function scatterConfiguration(data) {
  const points = data.groups.flatMap((group) => group.points);
  const axisOf = (title, unit, key, wished) => (wished && points.every((point) => point[key] > 0) ? logarithmicAxis(title, unit) : valueAxis(title, unit, { grace: "8%" }));
  let next = 0;
  return {
    type: "scatter",
    data: { datasets: data.groups.map((group, place) => scatterGroup(data, group, group.colour ?? next++, place)) },
    options: {
      ...common(),
      interaction: { mode: "nearest", intersect: true },
      layout: { padding: { top: 12, right: 12 } },
      scales: {
        x: axisOf(data.xTitle, data.xUnit, "x", data.xLogarithmic),
        y: axisOf(data.yTitle, data.unit, "y", data.yLogarithmic),
      },
      plugins: {
        legend: legend(data.groups.length > 1, { usePointStyle: true }),
        tooltip: {
          ...tooltipStyle(),
          callbacks: { label: ({ raw }) => `${shorten(raw.label, 60)}: ${formatProse(raw.x, data.xUnit)}, ${formatProse(raw.y, data.unit)}` },
        },
        marks: {
          list: [...data.xMarks.map((mark) => ({ mark, axis: "x" })), ...data.yMarks.map((mark) => ({ mark, axis: "y" }))],
        },
      },
    },
    plugins: [marksPlugin, namesPlugin],
  };
}

function scatterGroup(data, group, number, place) {
  const largest = Math.max(1, ...data.groups.flatMap((entry) => entry.points.map((point) => point.size || 0)));
  return {
    label: shorten(group.name, 40),
    data: group.points,
    showLine: group.joined,
    borderColor: () => seriesColour(number),
    backgroundColor: () => faded(seriesColour(number), 0.8),
    borderWidth: 1.5,
    borderDash: group.joined ? [5, 4] : [],
    pointStyle: SHAPES[place % SHAPES.length],
    pointRadius: group.points.map((point) => (point.size ? 4 + 12 * Math.sqrt(point.size / largest) : 5)),
    pointHoverRadius: 8,
  };
}

// Each name takes the first free place around its point; without one it is left to the tooltip and the table.
const namesPlugin = {
  id: "names",
  afterDatasetsDraw(chart) {
    const metas = chart.data.datasets.map((_, place) => chart.getDatasetMeta(place));
    const points = metas.flatMap((meta, place) => meta.data.map((point, at) => ({ point, radius: point.options.radius, text: chart.data.datasets[place].data[at].label })));
    if (points.length > MOST_NAMES) return;
    drawing(chart, (context) => {
      context.font = chartFont(400, 12);
      context.fillStyle = colour("ink");
      context.textAlign = "left";
      context.textBaseline = "top";
      const taken = points.map(({ point, radius }) => ({ x: point.x - radius, y: point.y - radius, width: 2 * radius, height: 2 * radius }));
      for (const entry of points) drawName(context, { ...entry, text: shorten(entry.text, chart.width < WIDE ? NAME_LETTERS : 1.5 * NAME_LETTERS) }, chart.chartArea, taken);
    });
  },
};

const overlap = (one, other) => one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;

function drawName(context, { point, radius, text }, area, taken) {
  const [width, height] = [context.measureText(text).width, 14];
  const [gap, right, left] = [radius + 3, point.x + radius + 3, point.x - radius - 3 - width];
  const spots = [
    [right, point.y - height / 2], [left, point.y - height / 2], [point.x - width / 2, point.y - gap - height], [point.x - width / 2, point.y + gap],
    [right, point.y - gap - height], [right, point.y + gap], [left, point.y - gap - height], [left, point.y + gap],
  ].map(([x, y]) => ({ x, y, width, height }));
  const free = spots.find((box) => box.x >= area.left && box.x + width <= area.right + 10 && box.y >= area.top - 10 && box.y + height <= area.bottom && !taken.some((other) => overlap(box, other)));
  if (!free) return;
  taken.push(free);
  context.fillText(text, free.x, free.y);
}
