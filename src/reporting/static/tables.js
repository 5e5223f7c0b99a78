// Tables: sort by the plain value, find as typed, show the first rows or all, and totals of what is shown.
const tables = new Map();
const headText = (head) => head.querySelector("button").textContent.trim().replace(/\s+/g, " ");

class DataTable {
  constructor(block) {
    this.block = block;
    this.id = block.id;
    this.first = Number(block.dataset.first);
    this.table = block.querySelector("table");
    this.body = this.table.tBodies[0];
    this.heads = [...this.table.tHead.rows[0].cells];
    this.rows = [...this.body.rows].map((row, place) => ({ row, place, text: "", off: false }));
    this.tools = block.querySelector("[data-tools]");
    this.counter = block.querySelector("[data-count]");
    this.findBox = block.querySelector("[data-find]");
    this.showAll = block.querySelector("[data-show-all]");
    this.totalNote = block.querySelector("[data-total-note]");
    this.totalCells = this.table.tFoot ? [...this.table.tFoot.rows[0].cells] : [];
    this.totalParts = this.totalCells.map((cell) => [...cell.childNodes]);
    this.dimensions = (block.dataset.dimensions || "").split(" ").filter(Boolean);
    this.title = this.table.caption.textContent;
    this.printed = block.querySelector("[data-printed]");
    this.by = cellStore && block.dataset.by ? block.dataset.by.split(" ") : null;
    this.sums = this.heads.map((head) => (head.dataset.sum ? JSON.parse(head.dataset.sum) : null));
    this.reach = this.by ? reachOf(this.by, this.sums) : [];
    this.spanning = 0;
    this.words = "";
    this.drawShares();
    this.listen();
  }

  // The filters that its rows follow: those of the chart above it, of the cells, or of its rows' own names.
  scope() {
    const figure = figures.get(this.id.replace(/-data$/, ""));
    if (figure && this.block.matches(".figure__data")) return figure.scope;
    return scopeOf(this.by ? cellNames(this.reach) : this.dimensions);
  }

  // Shares of a whole show their size behind the figure.
  drawShares() {
    this.heads.forEach((head, place) => {
      if (!("whole" in head.dataset)) return;
      for (const { row } of this.rows) {
        const share = Number(row.cells[place].dataset.value);
        row.cells[place].classList.toggle("part", share > 0);
        row.cells[place].style.setProperty("--part", `${Math.max(0, Math.min(share, 1)) * 100}%`);
      }
    });
  }

  listen() {
    this.heads.forEach((head) => head.querySelector("[data-sort]").addEventListener("click", () => this.toggleSort(head)));
    this.findBox?.addEventListener("input", () => setIn("find", this.id, this.findBox.value, this));
    this.findBox?.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.findBox.value = "";
      setIn("find", this.id, "", this);
    });
    this.showAll?.addEventListener("click", () => setIn("all", this.id, state.all[this.id] ? "" : "1", this));
    this.block.querySelector("[data-download-csv]")?.addEventListener("click", () => downloadCsv(this));
  }

  toggleSort(head) {
    const [key, direction] = (state.sort[this.id] || "").split(":");
    const first = startsLarge(head) ? "desc" : "asc";
    const next = key !== head.dataset.key ? first : direction === "asc" ? "desc" : "asc";
    setIn("sort", this.id, head.dataset.key + ":" + next, this);
    const words = next === "asc" ? "ascending" : "descending";
    announce(`Sorted by ${headText(head)}, ${words}.`);
  }

  sorting() {
    const [key, direction] = (state.sort[this.id] || "").split(":");
    const place = this.heads.findIndex((head) => head.dataset.key === key);
    return place >= 0 && ["asc", "desc"].includes(direction) ? { place, direction } : null;
  }

  update() {
    this.addUp();
    this.order();
    this.show();
    this.total();
  }

  order() {
    const sorting = this.sorting();
    this.heads.forEach((head, place) => {
      head.classList.toggle("is-sorted", sorting?.place === place);
      if (sorting?.place === place) head.setAttribute("aria-sort", sorting.direction === "asc" ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    const wanted = sorting ? sorting.place + sorting.direction : "";
    if (wanted === (this.ordered || "")) return;
    this.ordered = wanted;
    this.rows.sort(sorting ? this.comparison(sorting) : (one, other) => one.place - other.place);
    this.body.append(...this.rows.map((entry) => entry.row));
  }

  comparison({ place, direction }) {
    const head = this.heads[place];
    const turn = direction === "asc" ? 1 : -1;
    const keys = new Map(this.rows.map((entry) => [entry, sortKey(entry, place, head)]));
    return (one, other) => {
      const [a, b] = [keys.get(one), keys.get(other)];
      if (a === null || b === null) return (a === null) - (b === null) || one.place - other.place;
      return (a < b ? -turn : a > b ? turn : 0) || one.place - other.place;
    };
  }

  // Rows that stand for names of the cells are added up again; what has no cells is shown or not by its own names.
  addUp() {
    if (!this.by) return;
    const key = SHARED.map((name) => state[name]).join("\n");
    if (key === (this.added ?? SHARED.map(() => "").join("\n"))) return;
    this.added = key;
    this.ordered = undefined;
    const filtered = this.scope().applied.length > 0;
    this.named = new Set(this.rows.filter(({ row }) => !row.dataset.rest).map(({ row }) => this.valuesOf(row).join("\n")));
    for (const entry of this.rows) this.fill(entry, filtered);
    this.drawShares();
  }

  valuesOf(row) {
    return this.by.map((name) => row.dataset[name === "period" ? "day" : name]);
  }

  // What a row used, as far as a column asks for it; undefined for nothing.
  sumsAt({ row }, sum) {
    return row.dataset.rest ? this.others(sum) : sumsFor(this.by, this.valuesOf(row), sum, this.reach, false);
  }

  // What the rows without a name of their own used: all that is chosen, less the named rows.
  others(sum) {
    const axes = narrowing(sum, this.by);
    const values = axes.map(([, value]) => value).join("\n");
    const rest = [...groupOf([...this.by, ...axes.map(([name]) => name)], this.reach, false)].filter(([key]) => {
      const parts = key.split("\n");
      return !this.named.has(parts.slice(0, this.by.length).join("\n")) && parts.slice(this.by.length).join("\n") === values;
    });
    return rest.length ? sumsTogether(rest.map(([, sums]) => sums)) : undefined;
  }

  fill(entry, filtered) {
    entry.text = "";
    entry.off = filtered && !this.sumsAt(entry, {});
    entry.folded = filtered && !entry.row.dataset.rest && isFolded(this.by, this.valuesOf(entry.row));
    this.sums.forEach((sum, place) => {
      const cell = entry.row.cells[place];
      const { unit } = this.heads[place].dataset;
      if (sum) setCell(cell, filtered ? (entry.off ? null : figureOf(this.sumsAt(entry, sum) ?? noSums(), sum, this.reach)) : undefined, unit);
      else if (place > 0 && unit !== "text") setCell(cell, filtered ? null : undefined, unit);
    });
  }

  // The total of a column: of the rows that were found, or of all that is chosen.
  totalSums(sum, found) {
    if (found) return sumsTogether(this.matching.map((entry) => this.sumsAt(entry, sum)).filter(Boolean));
    return sumsFor([], [], sum, this.reach, false) ?? noSums();
  }

  show() {
    this.words = (state.find[this.id] || "").trim();
    const words = this.words.toLowerCase();
    if (this.findBox && this.findBox.value.trim() !== this.words) this.findBox.value = this.words;
    const chosen = selection();
    const names = this.by ? [] : this.dimensions;
    const places = this.rows.map((entry) => [entry, entry.off ? "out" : rowPlace(entry.row, chosen, names)]);
    this.spanning = places.filter(([, place]) => place === "spans").length;
    this.chosen = places.filter(([, place]) => place === "in").map(([entry]) => entry);
    this.matching = this.chosen.filter((entry) => textMatches(entry, words));
    const paged = this.matching.length > this.first && !state.all[this.id];
    const seen = new Set(paged ? this.matching.slice(0, this.first) : this.matching);
    for (const entry of this.rows) entry.row.hidden = !seen.has(entry);
    const [entries, visible] = [countOf(this.rows), countOf([...seen])];
    const rest = words ? this.rows.reduce((sum, { row }) => sum + Number(row.dataset.rest || 0), 0) : 0;
    this.counter.textContent = rowsText(visible, countOf(this.matching), entries) + (rest ? `; ${fixed(rest, 0)} stand together as Other, by name in the JSON report` : "");
    this.table.parentElement.classList.toggle("is-tall", seen.size > 2 * this.first);
    if (this.printed) this.printed.textContent = visible < entries ? `Printed: ${fixed(visible, 0)} of ${plural(entries, "row")}. The CSV holds what was chosen, the JSON report all.` : "";
    if (!this.showAll) return;
    this.showAll.hidden = this.matching.length <= this.first;
    this.showAll.setAttribute("aria-pressed", String(Boolean(state.all[this.id])));
    this.showAll.textContent = state.all[this.id] ? `Show the first ${this.first} rows` : `Show all ${plural(this.matching.length, "row")}`;
  }

  total() {
    if (!this.totalCells.length) return;
    const filtered = this.by && this.scope().applied.length > 0;
    const found = this.matching.length < this.chosen.length;
    const narrowed = filtered || this.matching.length < this.rows.length;
    this.totalCells.forEach((cell, place) => {
      const head = this.heads[place];
      if (!narrowed) cell.replaceChildren(...this.totalParts[place]);
      else if (place === 0) cell.textContent = `Total of ${plural(countOf(this.matching), "row")}`;
      else if (filtered) totalCell(cell, this.sums[place], (sum) => this.totalSums(sum, found), this.reach, head.dataset.unit);
      else if ("additive" in head.dataset && !this.spanning) cell.textContent = formatCell(columnSum(this.matching, place), head.dataset.unit);
      else cell.textContent = head.dataset.unit === "text" ? "" : "n/a";
    });
    if (!this.totalNote) return;
    this.totalNote.hidden = !narrowed;
    this.totalNote.textContent = narrowed ? this.totalWords(filtered) : "";
  }

  totalWords(filtered) {
    const scope = this.scope();
    const rows = `The total is filtered: it covers ${fixed(countOf(this.matching), 0)} of ${plural(countOf(this.rows), "row")}${scope.ignored.length ? `, not filtered by ${ignoredText(scope)}` : ""}.`;
    if (this.spanning) return `${rows} ${spanningText(this)}`;
    const folded = this.rows.filter((entry) => entry.folded).length;
    if (folded) return `${rows} ${plural(folded, "row")} of less cost ${folded === 1 ? "is" : "are"} not told apart under a filter: ${folded === 1 ? "its" : "their"} cost is in the total.`;
    return filtered ? rows : `${rows} Figures that do not add up are n/a.`;
  }
}

// Rows that stand for several names of a filtered kind: part of them may belong to what is chosen.
function spanningText(table) {
  const names = joined(table.dimensions.filter((name) => state[name]).map((name) => SUBJECTS[name] + "s"));
  return `${plural(table.spanning, "row")} of several ${names} ${table.spanning === 1 ? "is" : "are"} left out, and part of ${table.spanning === 1 ? "it" : "them"} may belong here: totals are n/a.`;
}

// Numbers are looked at from the largest on, names and days from the first.
const startsLarge = (head) => !["text", "date", "hour"].includes(head.dataset.unit) && !("byPosition" in head.dataset);

// "Other (1,500)" stands for so many rows.
const countOf = (entries) => entries.reduce((sum, { row }) => sum + Number(row.dataset.rest || 1), 0);

const originals = new WeakMap();

// `figure` undefined restores what was written; null is n/a.
function setCell(cell, figure, unit) {
  if (!originals.has(cell)) originals.set(cell, [[...cell.childNodes], cell.dataset.value]);
  const [nodes, value] = originals.get(cell);
  if (figure === undefined) cell.replaceChildren(...nodes);
  else cell.textContent = figure ? (figure.atLeast ? "\u2265\u00a0" : "") + formatCell(figure.value, unit) : "n/a";
  const plain = figure === undefined ? value : figure?.text;
  if (plain === undefined) delete cell.dataset.value;
  else cell.dataset.value = plain;
}

function totalCell(cell, sum, sumsOf, reach, unit) {
  cell.textContent = sum ? cellText(sumsOf(sum), sum, reach, unit, formatCell) : unit === "text" ? "" : "n/a";
}

const rowsText = (seen, matching, all) => {
  if (seen < matching) return `First ${fixed(seen, 0)} of ${plural(matching, "row")}` + (matching < all ? ` (${fixed(all, 0)} in all)` : "");
  return matching < all ? `${fixed(matching, 0)} of ${plural(all, "row")}` : plural(all, "row");
};

function sortKey(entry, place, head) {
  if ("byPosition" in head.dataset) return entry.place;
  const cell = entry.row.cells[place];
  const unit = head.dataset.unit;
  const value = cell.dataset.value;
  if (["text", "date", "hour"].includes(unit)) return (value ?? cell.textContent).toLowerCase() || null;
  return value === undefined || Number.isNaN(Number(value)) ? null : Number(value);
}

function textMatches(entry, words) {
  if (!words) return true;
  entry.text ||= [...entry.row.cells].map((cell) => cell.textContent).join("\t").toLowerCase();
  return entry.text.includes(words);
}

// Whether a row is "in" what is chosen, "out" of it, or "spans" what the others are divided by.
function rowPlace(row, chosen, names) {
  let spans = false;
  for (const name of names) {
    const value = row.dataset[name === "period" ? "day" : name];
    const wanted = name === "period" ? chosen.from : chosen[name];
    if (!wanted) continue;
    if (value === undefined) spans = true;
    else if (name === "period" ? value < chosen.from || value > chosen.to : (value || NO_NAME) !== wanted) return "out";
  }
  return spans ? "spans" : "in";
}

// The exact sum of plain decimals, as a number.
function columnSum(rows, place) {
  const texts = rows.map((entry) => entry.row.cells[place].dataset.value || "0");
  const places = Math.max(0, ...texts.map((text) => text.split(".")[1]?.length || 0));
  const whole = texts.reduce((sum, text) => {
    const [head, part = ""] = text.split(".");
    return sum + BigInt(head + part.padEnd(places, "0"));
  }, 0n);
  const digits = String(whole < 0n ? -whole : whole).padStart(places + 1, "0");
  return Number(`${whole < 0n ? "-" : ""}${digits.slice(0, digits.length - places)}.${digits.slice(digits.length - places)}`);
}

function startTables() {
  for (const block of document.querySelectorAll("[data-table]")) tables.set(block.id, new DataTable(block));
}

function updateTables() {
  for (const table of tables.values()) table.update();
}
