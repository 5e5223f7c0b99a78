// What a chart under a filter says to somebody who cannot see it: as reporting/alt_text.py says it of all calls.
const CHART_KINDS = { line: "Line chart", bar: "Bar chart", bar_horizontal: "Bar chart", bar_stacked: "Stacked bar chart", doughnut: "Doughnut chart", waterfall: "Waterfall chart" };
const SUMMED = ["usd", "count", "tokens"];
const MOST_SAID = 6;

function filteredLabel(data, subject, scope) {
  const head = `${CHART_KINDS[data.kind]}: ${subject}. ${scopeText(scope)} ${plural(data.labels.length, "value")} of ${data.labelTitle}.`;
  const said = data.series.filter((series) => !series.gone && isMeasure(series)).slice(0, MOST_SAID);
  return [head, ...said.map((series) => seriesText(data, series))].join(" ");
}

function seriesText(data, series) {
  const known = series.values.map((value, place) => [value, data.labels[place]]).filter(([value]) => value !== null);
  if (!known.length) return `${series.name}: no values.`;
  const [low, high] = known.reduce(([least, most], entry) => [entry[0] < least[0] ? entry : least, entry[0] > most[0] ? entry : most], [known[0], known[0]]);
  const text = `${series.name}: lowest ${formatProse(low[0], data.unit)} at ${low[1]}, highest ${formatProse(high[0], data.unit)} at ${high[1]}`;
  if (!SUMMED.includes(data.unit)) return `${text}.`;
  return `${text}, total ${formatProse(known.reduce((sum, [value]) => sum + value, 0), data.unit)}.`;
}
