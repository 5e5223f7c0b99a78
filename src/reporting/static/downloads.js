// Downloads that work from disk: a table's rows as CSV, a chart as PNG on white with title and source.
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const periodName = () => (state.period || `${pageData.firstDay}..${pageData.lastDay}`).replace("..", "_");
const fileName = (id, ending) => `${pageData.id}-${id}-${periodName()}.${ending}`;

// A spreadsheet runs a text that begins so as a formula.
const FORMULA = /^\s*['"]?[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

function csvText(text) {
  const safe = FORMULA.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csvCell(cell, unit) {
  const value = cell.dataset.value;
  if (unit === "text") return csvText(cell.textContent);
  return value === undefined ? "" : ["date", "hour"].includes(unit) ? csvText(value) : value;
}

function csvOf(table) {
  const header = table.heads.map((head) => csvText(head.querySelector("button").textContent.trim().replace(/\s+/g, " ")));
  const lines = table.matching.map(({ row }) => [...row.cells].map((cell, place) => csvCell(cell, table.heads[place].dataset.unit)));
  return [header, ...lines].map((line) => line.join(",")).join("\r\n") + "\r\n";
}

function downloadCsv(table) {
  save(new Blob(["\ufeff", csvOf(table)], { type: "text/csv;charset=utf-8" }), fileName(table.id, "csv"));
  announce(`Downloaded ${table.matching.length} rows.`);
}

const PNG_WIDTH = 1400;
const PNG_EDGE = 32;

function wrapLines(context, text, width) {
  const lines = [""];
  for (const word of shorten(text, 240).split(" ")) {
    const longer = (lines.at(-1) + " " + word).trim();
    if (context.measureText(longer).width > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function downloadPng(figure) {
  const inner = document.createElement("canvas");
  const height = Math.max(560, figure.canvas.clientHeight * 1.5);
  inner.width = PNG_WIDTH - 2 * PNG_EDGE;
  inner.height = height;
  withPaper(() => {
    const config = figure.configuration();
    Object.assign(config.options, { responsive: false, animation: false, devicePixelRatio: 1 });
    const chart = new Chart(inner, config);
    chart.draw();
    const sheet = drawSheet(figure, inner);
    chart.destroy();
    sheet.toBlob((blob) => save(blob, fileName(figure.id, "png")), "image/png");
  });
  announce("Downloaded the chart.");
}

function drawSheet(figure, inner) {
  const sheet = document.createElement("canvas");
  sheet.width = PNG_WIDTH;
  const context = sheet.getContext("2d");
  const font = getComputedStyle(document.body).fontFamily;
  context.font = `600 26px ${font}`;
  const title = wrapLines(context, figure.title, PNG_WIDTH - 2 * PNG_EDGE);
  const top = PNG_EDGE + title.length * 34 + 34;
  sheet.height = top + inner.height + 60;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.fillStyle = "#171a2e";
  context.font = `600 26px ${font}`;
  title.forEach((line, place) => context.fillText(line, PNG_EDGE, PNG_EDGE + 26 + place * 34));
  context.fillStyle = "#565d78";
  context.font = `17px ${font}`;
  context.fillText(shorten(figure.subject, 140), PNG_EDGE, top - 12);
  context.drawImage(inner, PNG_EDGE, top);
  const filters = activeDimensions().map((name) => `${name} ${state[name]}`).join(", ");
  const source = `${pageData.title} \u00b7 ${pageData.period} \u00b7 zone ${pageData.zone} \u00b7 source ${pageData.file}${filters ? " \u00b7 filtered: " + filters : ""}`;
  context.fillText(shorten(source, 160), PNG_EDGE, sheet.height - 22);
  return sheet;
}
