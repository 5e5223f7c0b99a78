"""Questions that tests ask of a page in the browser."""

CANVAS_LUMA = """name => { const canvas = document.querySelector(`#${name} canvas`);
  const {data} = canvas.getContext('2d').getImageData(0, canvas.height - 120, canvas.width, 120);
  let sum = 0, seen = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) { sum += data[at] + data[at + 1] + data[at + 2]; seen += 1; }
  return sum / seen / 3; }"""
"""How light the labels below a chart are, 0 to 255."""

CHARTS_UNLIKE_THEIR_TABLES = """() => [...document.querySelectorAll('figure')].map(figure => {
  const data = JSON.parse(figure.querySelector('[data-config]').textContent);
  const rows = [...figure.querySelectorAll('tbody tr')].map(row => [...row.cells].map(cell => cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value)));
  const known = value => value === null || value === undefined ? 'n/a' : value;
  const wanted = data.form === 'chart' ? data.labels.map((label, at) => [label, ...data.series.map(series => known(series.values[at]))])
    : data.form === 'heat' ? data.rows.map((label, at) => [label, ...data.values[at].map(known)])
    : data.groups.flatMap(group => group.points.map(point => [point.label, group.name, point.x, point.y]));
  const seen = data.form === 'scatter' ? rows.map(row => row.slice(0, 4)) : rows;
  const plain = table => JSON.stringify(table.map(row => row.map(cell => typeof cell === 'string' ? cell.split(':')[0] : cell)));
  return plain(seen) === plain(wanted) ? '' : figure.id + ': ' + plain(seen).slice(0, 200) + ' / ' + plain(wanted).slice(0, 200);
}).filter(Boolean)"""
"""The figures whose table does not hold what the chart draws."""

CHARTS_PAINTED_THINLY = """() => [...document.querySelectorAll('canvas')].filter(canvas => {
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let painted = 0;
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] > 0) painted += 1;
  return painted < 2000;
}).map(canvas => canvas.closest('figure').id)"""
"""The figures whose canvas is as good as empty."""

CHARTS_WITHOUT_AXIS_TITLES = """() => [...document.querySelectorAll('figure canvas')].filter(canvas => {
  const chart = Chart.getChart(canvas);
  return chart.config.type !== 'doughnut' && !Object.values(chart.options.scales).every(scale => scale.title.display && scale.title.text);
}).map(canvas => canvas.closest('figure').id)"""
"""The figures with an axis that does not say what it measures."""

CHARTS_OUT_OF_BOUNDS = """() => [...document.querySelectorAll('[data-config]')].map(one => [one.closest('figure').id, JSON.parse(one.textContent)])
  .filter(([, data]) => data.kind === 'doughnut' ? data.labels.length > 3
    : (data.series || data.groups || []).filter(part => !/band|reference|forecast/.test(part.role || '')).length > 6).map(([id]) => id)"""
"""The figures with more than six series, or a doughnut with more than three slices."""

SMALL_TARGETS = """size => [...document.querySelectorAll('a[href], button, select, input:not([type=checkbox]), summary')]
  .filter(one => one.checkVisibility() && getComputedStyle(one).display !== 'inline')
  .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.height < size - 0.5 || box.width < 24)).map(([text]) => text)"""
"""Controls that a finger or an unsteady hand would miss; links within a sentence are exempt."""

SILENT_UNDER_FILTER = """([name, value]) => [...document.querySelectorAll('.card, figure, .table-block')].filter(part => {
  const config = part.querySelector('[data-config]'), cells = document.getElementById('page-cells');
  const formed = cells && (part.dataset.sum || part.dataset.by || config && JSON.parse(config.textContent).by);
  const reacts = formed || (part.dataset.dimensions || '').split(' ').includes(name);
  const note = part.querySelector(':scope > [data-unfiltered]');
  return Boolean(reacts) === (part.checkVisibility() ? note.checkVisibility() : !note.hidden);
}).map(part => part.id)"""
"""Cards, figures and tables that neither react to a filter nor say that they do not."""

OVERLAPS_ON_PAPER = """() => [...document.querySelectorAll('figure')].filter(figure => figure.checkVisibility()).flatMap(figure => {
  const box = part => part.getBoundingClientRect();
  const canvas = figure.querySelector('canvas'), data = figure.querySelector('.figure__data');
  const [drawn, below] = [box(canvas), box(data)];
  const stretched = Math.abs(drawn.width / drawn.height - canvas.width / canvas.height) > 0.05;
  return drawn.bottom > below.top + 1 || stretched || drawn.width < 100 ? [figure.id] : [];
})"""
"""Figures whose chart lies over its table or is stretched."""

WIDER_THAN_PAPER = """width => [...document.querySelectorAll('main *')].filter(one => one.checkVisibility() && one.getBoundingClientRect().right > width + 1)
  .map(one => one.tagName + '#' + one.id + '.' + one.className).slice(0, 5)"""
"""What the right edge of the paper would cut."""
