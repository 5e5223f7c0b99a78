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

// A file is named by the period and the filters that its figures follow, not by those that they ignore.
function fileName(id, ending, scope) {
  const whole = `${pageData.firstDay}..${pageData.lastDay}`;
  const period = (scope.applied.includes("period") ? state.period : whole).replace("..", "_");
  const names = scope.applied.filter((name) => name !== "period").map((name) => `-${name}-${state[name].replace(/[^\p{L}\p{N}._-]+/gu, "_").slice(0, 40)}`);
  return `${pageData.id}-${id}-${period}${names.join("")}.${ending}`;
}

// A spreadsheet runs a text that begins so as a formula.
const FORMULA = /^\s*['"]?[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

function csvText(text) {
  const safe = FORMULA.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csvCell(cell, unit) {
  const value = cell.dataset.value;
  if (unit === "text") return csvText(cell.textContent);
  if (value === undefined) return "";
  if (["date", "hour"].includes(unit)) return csvText(value);
  return ["share", "points"].includes(unit) ? asPercent(value) : value;
}

// Shares are headed "%": they are written as percentages.
const asPercent = (text) => {
  const [, sign, whole, part] = /^(-?)(\d+)\.?(\d*)$/.exec(text) || [];
  if (whole === undefined) return String(Number(text) * 100);
  const digits = whole + part.padEnd(2, "0");
  const cut = whole.length + 2;
  const rest = digits.slice(cut).replace(/0+$/, "");
  return sign + digits.slice(0, cut).replace(/^0+(?=\d)/, "") + (rest ? "." + rest : "");
};

function csvOf(table) {
  const header = table.heads.map((head) => csvText(headText(head)));
  const lines = table.matching.map(({ row }) => [...row.cells].map((cell, place) => csvCell(cell, table.heads[place].dataset.unit)));
  return [...csvComment(table), ...[header, ...lines].map((line) => line.join(","))].join("\r\n") + "\r\n";
}

// The first line of a file whose rows or figures are not those of all calls, or ignore a filter, or are not in dollars.
function csvComment(table) {
  const words = [CURRENCY?.note, scopeText(table.scope()), table.words ? `Rows that contain "${table.words}".` : "", table.spanning ? spanningText(table) : ""].filter(Boolean).join(" ");
  return words ? [csvText(`# ${plainText(words)}`)] : [];
}

const plainText = (text) => text.replace(/[\u2066-\u2069\u200e\u200f\u202a-\u202e]/g, "").replace(/\s+/g, " ");

function downloadCsv(table) {
  const text = csvOf(table);
  save(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }), fileName(table.id, "csv", table.scope()));
  announce(`Downloaded ${plural(table.matching.length, "row")}.`);
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
    sheet.toBlob((blob) => save(blob, fileName(figure.id, "png", figure.scope)), "image/png");
  });
  announce("Downloaded the chart.");
}

function drawSheet(figure, inner) {
  const sheet = document.createElement("canvas");
  sheet.width = PNG_WIDTH;
  const context = sheet.getContext("2d");
  const font = getComputedStyle(document.body).fontFamily;
  context.font = `600 26px ${font}`;
  const title = wrapLines(context, figure.shownTitle, PNG_WIDTH - 2 * PNG_EDGE);
  const top = PNG_EDGE + title.length * 34 + 34;
  sheet.height = top + inner.height + 36 + 24 * stampLines(figure).length;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.fillStyle = "#171a2e";
  context.font = `600 26px ${font}`;
  title.forEach((line, place) => context.fillText(line, PNG_EDGE, PNG_EDGE + 26 + place * 34));
  context.fillStyle = "#565d78";
  context.font = `17px ${font}`;
  context.fillText(shorten(figure.shownSubject, 140), PNG_EDGE, top - 12);
  context.drawImage(inner, PNG_EDGE, top);
  const source = stampLines(figure);
  source.forEach((line, place) => context.fillText(shorten(line, 160), PNG_EDGE, sheet.height - 22 - 24 * (source.length - 1 - place)));
  return sheet;
}

// Where a picture comes from, and what of the filters it follows.
function stampLines({ scope }) {
  const source = `${pageData.title} \u00b7 ${pageData.period} \u00b7 time zone ${pageData.zone} \u00b7 source ${pageData.file}`;
  const words = scope.applied.length || !scope.ignored.length ? scopeText(scope) : `All calls. ${scopeText(scope)}`;
  return [words, CURRENCY?.note, source].filter(Boolean);
}
