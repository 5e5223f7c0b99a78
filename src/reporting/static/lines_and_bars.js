// Charts over labels: lines, bars, waterfall, doughnut.
function chartConfiguration(data) {
  if (data.kind === "doughnut") return doughnut(data);
  if (data.kind === "waterfall") return waterfall(data);
  return overLabels(data);
}

const MOST_TEXTS = 40;
const isMeasure = (series) => series.role === "measure" || series.role === "rest";

function overLabels(data) {
  const flat = data.kind === "bar_horizontal";
  const line = data.kind === "line";
  const stacked = data.kind === "bar_stacked";
  const list = data.series.filter((series) => !series.gone);
  const texts = valueTexts(data, list, flat);
  const peak = line ? peakOf(data, list) : null;
  const value = valueAxis(list.length === 1 ? list[0].name : "", data.unit, {
    stacked,
    beginAtZero: !line || !list.some((series) => isMeasure(series) && series.values.some((entry) => entry < 0)),
    ...reaching(data.marks),
    grace: texts ? (flat ? 0 : "8%") : peak ? "6%" : 0,
  });
  const label = { ...(line || flat ? labelAxis : barAxis)(data.labelTitle, data.labels, flat ? 36 : 28), stacked };
  if (flat) label.ticks.autoSkip = false;
  return {
    type: line ? "line" : "bar",
    data: { labels: data.labels, datasets: datasets(data, list, line) },
    options: {
      ...common(),
      layout: { padding: { top: 10, right: texts && flat ? widestText(texts) : 0 } },
      indexAxis: flat ? "y" : "x",
      scales: flat ? { x: value, y: label } : { x: label, y: value },
      plugins: {
        legend: legend(list.length > 1, line ? lineLegend : {}),
        tooltip: { ...tooltipStyle(), callbacks: tooltipTexts(data.unit, flat) },
        marks: { list: data.marks.map((mark) => ({ mark, axis: mark.vertical !== flat ? "x" : "y" })) },
        values: { texts },
        peak,
      },
    },
    plugins: [marksPlugin, valuesPlugin, peakPlugin],
  };
}

// The axis reaches as far as the lines drawn across it.
function reaching(marks) {
  const values = marks.map((mark) => mark.value).filter(Number.isFinite);
  return values.length ? { suggestedMin: Math.min(...values), suggestedMax: Math.max(...values) } : {};
}

// Figures at the bars, where there is one series and room for them.
function valueTexts(data, list, flat) {
  const few = flat ? data.labels.length <= MOST_TEXTS : data.kind === "bar" && data.labels.length <= 9;
  if (!few || list.length !== 1) return null;
  return list[0].values.map((entry) => (entry === null ? "" : formatCell(entry, data.unit)));
}

function peakOf(data, list) {
  const measures = list.filter(isMeasure);
  if (measures.length !== 1 || data.labels.length < 4 || !ISO_DAY.test(data.labels[0])) return null;
  const values = measures[0].values;
  const known = values.filter((entry) => entry !== null);
  const high = Math.max(...known);
  if (!known.length || high === Math.min(...known)) return null;
  return { dataset: list.indexOf(measures[0]), at: values.indexOf(high), text: formatProse(high, data.unit), colour: measures[0].colour ?? 0 };
}

const tooltipTexts = (unit, flat) => ({
  title: (items) => shorten(dayText(items[0]?.label || "", true), 80),
  label: (item) => `${shorten(item.dataset.fullName || item.label, 60)}: ${formatProse(flat ? item.parsed.x : item.parsed.y, unit)}`,
});

function datasets(data, list, line) {
  const taken = new Set(list.map((series) => series.colour).filter((number) => number !== null));
  const alone = list.filter(isMeasure).length === 1;
  let next = 0;
  const lows = [];
  return list.map((series, place) => {
    let number = series.colour;
    if (number === null && series.role === "measure") {
      while (taken.has(next)) next += 1;
      number = next;
      next += 1;
    }
    if (series.role === "band_low") lows.push(place);
    const low = series.role === "band_high" ? lows.pop() : undefined;
    return line ? lineDataset(data, series, number ?? 0, low, alone) : barDataset(data, series, number ?? 0);
  });
}

// The band's name is that of its upper edge up to the comma; its lower edge has none.
const legendName = (series) => (series.role === "band_low" ? "" : shorten(series.role === "band_high" ? series.name.split(",")[0] : series.name, 40));
const base = (series) => ({ label: legendName(series), fullName: series.name, data: series.values });

function barDataset(data, series, number) {
  const signed = data.series.length === 1 && !data.labelColours && data.unit === "usd";
  const fill = (context) => {
    if (data.labelColours) return barFill(data.labelColours[context.dataIndex] ?? 0);
    if (series.role === "rest") return colour("edge");
    return signed && context.raw < 0 ? colour("bad") : barFill(number);
  };
  const stacked = data.kind === "bar_stacked";
  return {
    ...base(series),
    backgroundColor: fill,
    borderRadius: stacked ? 0 : 4,
    maxBarThickness: data.kind === "bar_horizontal" ? 26 : 48,
    borderColor: () => colour("surface"),
    borderWidth: stacked ? { top: 1 } : 0,
  };
}

const DASHES = { forecast: [6, 4], reference: [2, 3] };

function lineDataset(data, series, number, low, alone) {
  const band = series.role.startsWith("band");
  const tint = () => (series.role === "reference" ? colour("muted") : series.role === "rest" ? colour("edge") : seriesColour(number));
  const filled = alone && isMeasure(series) && data.unit !== "share";
  const single = series.values.filter((value) => value !== null).length < 2;
  return {
    ...base(series),
    band,
    borderColor: band ? () => faded(seriesColour(number), 0.35) : tint,
    backgroundColor: () => (band ? faded(seriesColour(number), 0.2) : faded(tint(), 0.1)),
    borderWidth: band ? 0 : series.role === "reference" ? 1.75 : 2.25,
    borderDash: DASHES[series.role] || (number >= SERIES_COLOURS ? [10, 3] : []),
    borderJoinStyle: "round",
    pointRadius: band || !single && data.labels.length > 3 ? 0 : 4,
    pointBackgroundColor: tint,
    pointHoverRadius: band ? 0 : 5,
    fill: low === undefined ? filled && "origin" : { target: low },
  };
}

// ----- waterfall: the first and the last step are totals, those between are changes
function waterfall(data) {
  const steps = data.series[0]?.values || [];
  const last = steps.length - 1;
  const isTotal = (place) => place === 0 || place === last;
  let level = 0;
  const bars = steps.map((step, place) => {
    if (step === null) return null;
    const from = isTotal(place) ? 0 : level;
    level = isTotal(place) ? step : level + step;
    return [from, level];
  });
  const texts = steps.map((step, place) => (step === null ? "" : (step > 0 && !isTotal(place) ? "+" : "") + formatCell(step, data.unit)));
  return {
    type: "bar",
    data: {
      labels: data.labels,
      datasets: [{
        label: data.series[0]?.name || "",
        data: bars,
        backgroundColor: ({ dataIndex: place }) => (isTotal(place) ? seriesColour(0) : stepColour(steps[place], data.riseIsGood)),
        borderRadius: 4,
        maxBarThickness: 64,
        minBarLength: 3,
      }],
    },
    options: {
      ...common(),
      scales: { x: barAxis(data.labelTitle, data.labels, 22), y: valueAxis(data.series[0]?.name || "", data.unit, { beginAtZero: true, grace: "8%" }) },
      plugins: {
        legend: legend(false),
        tooltip: { ...tooltipStyle(), callbacks: { label: (item) => texts[item.dataIndex] } },
        marks: { list: data.marks.map((mark) => ({ mark, axis: mark.vertical ? "x" : "y" })) },
        values: { texts: data.labels.length <= 14 ? texts : null },
        links: { levels: bars.map((bar) => bar && bar[1]) },
      },
    },
    plugins: [linksPlugin, marksPlugin, valuesPlugin],
  };
}

const stepColour = (step, riseIsGood) => (riseIsGood === null ? seriesColour(step < 0 ? 1 : 2) : colour(step > 0 === riseIsGood ? "good" : "bad"));

// ----- doughnut: three slices or fewer, each named with its share
function doughnut(data) {
  const values = data.series[0]?.values || [];
  const whole = values.reduce((sum, value) => sum + (value || 0), 0);
  const numbers = data.labels.map((_, place) => data.labelColours?.[place] ?? place);
  const named = (place) => `${shorten(data.labels[place], 40)} ${whole ? formatCell((values[place] || 0) / whole, "share") : "n/a"}`;
  return {
    type: "doughnut",
    data: {
      labels: data.labels.map((_, place) => named(place)),
      datasets: [{ data: values, backgroundColor: (context) => barFill(numbers[context.dataIndex] ?? 0), borderColor: () => colour("surface"), borderWidth: 3 }],
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
