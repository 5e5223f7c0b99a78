// How numbers are shown: the rules of reporting/number_format.py, for figures added up again under a filter and for
// axes. No Intl: the text must be the same for every locale.
const MINUS = "\u2212";
const NBSP = "\u00a0";
// What amounts are shown in: dollars, or the currency that the page was made for. Figures of the page are in it already;
// what the cells add up is in dollars and is converted by `inCurrency`.
const CURRENCY = JSON.parse(document.getElementById("page-data")?.textContent || "null")?.currency || null;
const MONEY_CODE = CURRENCY ? CURRENCY.code : "USD";
const MONEY_PREFIX = CURRENCY ? CURRENCY.code + NBSP : "$";
const inCurrency = (dollars) => (CURRENCY ? dollars / CURRENCY.usdForOne : dollars);
const HEADER_UNITS = { usd: MONEY_CODE, usd_rate: MONEY_CODE, share: "%", points: "points", tokens: "tokens", ms: "ms", tokens_per_second: "tokens/s", days: "days" };
const SUFFIXES = { points: NBSP + "points", tokens_per_second: NBSP + "tokens/s", days: NBSP + "days" };

// Half-even, as in Python, where the decimal text of the number is a tie.
function rounded(size, places) {
  const match = /^(\d+)\.(\d+)$/.exec(String(size));
  if (!match || match[2].length !== places + 1 || !match[2].endsWith("5")) return size.toFixed(places);
  const kept = Number(match[1] + match[2].slice(0, places));
  return ((kept + (kept % 2)) / 10 ** places).toFixed(places);
}

function fixed(number, places) {
  const [whole, part] = rounded(Math.abs(number), places).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? "." + part : "");
  return number < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

function money(number, places) {
  const text = MONEY_PREFIX + fixed(Math.abs(number), places);
  return number < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

function ratePlaces(number) {
  const size = Math.abs(number);
  if (size >= 1000) return 2;
  if (size === 0 || size >= 0.01) return 4;
  return Math.min(9, Math.max(4, 2 - Math.floor(Math.log10(size))));
}

function rate(number) {
  if (number !== 0 && Math.abs(number) < 5e-10) return number < 0 ? `>${MINUS}${MONEY_PREFIX}0.000000001` : `<${MONEY_PREFIX}0.000000001`;
  return money(number, ratePlaces(number));
}

function compact(number) {
  for (const [limit, letter] of [[1e9, "B"], [1e6, "M"], [1e3, "k"]]) {
    if (Math.abs(number) >= limit) return fixed(number / limit, 1) + NBSP + letter;
  }
  return count(number);
}

const count = (number) => fixed(number, Number.isInteger(number) || Math.abs(number) >= 1000 ? 0 : 1);

const FORMATS = {
  usd: (number) => (number !== 0 && Math.abs(number) < 0.01 ? rate(number) : money(number, 2)),
  usd_rate: rate,
  share: (number) => fixed(number * 100, 1) + "%",
  points: (number) => fixed(number * 100, 1),
  count,
  tokens: count,
  ms: (number) => fixed(number, 0),
  tokens_per_second: (number) => fixed(number, 1),
  days: count,
  ratio: (number) => fixed(number, Math.abs(number) >= 1000 ? 0 : 2),
};

// In a table: the header has the unit. In prose: the unit stands with the number, tokens are shortened.
function formatCell(number, unit) {
  return (FORMATS[unit] || String)(number);
}

function formatProse(number, unit) {
  if (unit === "tokens") return compact(number);
  if (unit === "ms") return Math.abs(number) >= 10000 ? `${fixed(number / 1000, 1)}${NBSP}s` : `${formatCell(number, unit)}${NBSP}ms`;
  const text = formatCell(number, unit) + (SUFFIXES[unit] || "");
  return text === "1" + NBSP + "days" ? "1" + NBSP + "day" : text;
}

// On an axis: short, since the exact value stands in the tooltip and the table.
function formatTick(number, unit) {
  const sign = number < 0 ? MINUS : "";
  if (unit === "usd" && Math.abs(number) >= 1000) return sign + MONEY_PREFIX + compact(Math.abs(number)).replace(/\.0(?=\u00a0)/, "");
  if (unit === "usd") return Number.isInteger(number) ? money(number, 0) : formatCell(number, unit);
  if (unit === "usd_rate") return money(number, Math.min(ratePlaces(number), Math.abs(number) >= 1 ? 2 : 9));
  if (unit === "share") return Number.isInteger(Math.round(number * 1e6) / 1e4) ? fixed(number * 100, 0) + "%" : formatCell(number, unit);
  if (unit === "ratio") return String(formatCell(number, unit)).replace(/\.?0+$/, "");
  if (["count", "tokens", "ms", "tokens_per_second"].includes(unit)) return compact(number).replace(/\.0(?=\u00a0)/, "");
  return formatCell(number, unit);
}

const shorten = (text, most) => (text.length > most ? text.slice(0, most - 1) + "\u2026" : text);
const plural = (number, noun) => `${fixed(number, 0)} ${noun}${number === 1 ? "" : "s"}`;

// A day of a label: 26 Oct in a row of labels, 26 Oct 2026 alone. Other labels stay as they are.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

function dayText(text, withYear) {
  const found = ISO_DAY.exec(text);
  return found ? `${Number(found[3])} ${MONTHS[Number(found[2]) - 1]}${withYear ? " " + found[1] : ""}` : text;
}

// A time: 24 Oct 2026, 14:00.
const momentText = (text) => `${dayText(text.slice(0, 10), true)}, ${text.slice(11, 16)}`;
