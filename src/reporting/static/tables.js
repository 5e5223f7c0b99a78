// Tables: sort by the plain value, find as typed, show the first rows or all, and re-add totals under a filter.
const tables = new Map();

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
    this.drawShares();
    this.listen();
  }

  // Shares of a whole show their size behind the figure.
  drawShares() {
    this.heads.forEach((head, place) => {
      if (head.dataset.unit !== "share" || !("additive" in head.dataset)) return;
      for (const { row } of this.rows) {
        const share = Number(row.cells[place].dataset.value);
        if (!(share > 0)) continue;
        row.cells[place].classList.add("part");
        row.cells[place].style.setProperty("--part", `${Math.min(share, 1) * 100}%`);
      }
    });
  }

  listen() {
    this.heads.forEach((head) => head.querySelector("[data-sort]").addEventListener("click", () => this.toggleSort(head)));
    this.findBox?.addEventListener("input", () => setIn("find", this.id, this.findBox.value));
    this.findBox?.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.findBox.value = "";
      setIn("find", this.id, "");
    });
    this.showAll?.addEventListener("click", () => setIn("all", this.id, state.all[this.id] ? "" : "1"));
    this.block.querySelector("[data-download-csv]")?.addEventListener("click", () => downloadCsv(this));
  }

  toggleSort(head) {
    const [key, direction] = (state.sort[this.id] || "").split(":");
    const next = key === head.dataset.key && direction === "asc" ? "desc" : "asc";
    setIn("sort", this.id, head.dataset.key + ":" + next);
    const words = next === "asc" ? "ascending" : "descending";
    announce(`Sorted by ${head.textContent.trim()}, ${words}.`);
  }

  sorting() {
    const [key, direction] = (state.sort[this.id] || "").split(":");
    const place = this.heads.findIndex((head) => head.dataset.key === key);
    return place >= 0 && ["asc", "desc"].includes(direction) ? { place, direction } : null;
  }

  update() {
    this.order();
    this.show();
    this.total();
  }

  order() {
    const sorting = this.sorting();
    this.heads.forEach((head, place) => {
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

  show() {
    const words = (state.find[this.id] || "").toLowerCase();
    if (this.findBox && this.findBox.value !== (state.find[this.id] || "")) this.findBox.value = state.find[this.id] || "";
    const chosen = selection();
    this.matching = this.rows.filter((entry) => !entry.off && rowMatches(entry.row, chosen) && textMatches(entry, words));
    const paged = this.matching.length > this.first && !state.all[this.id];
    const seen = new Set(paged ? this.matching.slice(0, this.first) : this.matching);
    for (const entry of this.rows) entry.row.hidden = !seen.has(entry);
    this.counter.textContent = rowsText(seen.size, this.matching.length, this.rows.length);
    if (!this.showAll) return;
    this.showAll.hidden = this.matching.length <= this.first;
    this.showAll.setAttribute("aria-pressed", String(Boolean(state.all[this.id])));
    this.showAll.textContent = state.all[this.id] ? `Show the first ${this.first} rows` : `Show all ${plural(this.matching.length, "row")}`;
  }

  total() {
    if (!this.totalCells.length) return;
    const narrowed = this.matching.length < this.rows.length;
    this.totalCells.forEach((cell, place) => {
      const head = this.heads[place];
      if (!narrowed || place === 0) cell.replaceChildren(...this.totalParts[place]);
      else if ("additive" in head.dataset) cell.textContent = formatCell(columnSum(this.matching, place), head.dataset.unit);
      else cell.textContent = "";
    });
    if (!this.totalNote) return;
    this.totalNote.hidden = !narrowed;
    this.totalNote.textContent = `The total is filtered: it covers ${fixed(this.matching.length, 0)} of ${plural(this.rows.length, "row")}. Figures that do not add up are left out.`;
  }
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

const rowMatches = (row, chosen) => isChosen([row.dataset.day, row.dataset.provider, row.dataset.organization], chosen);

const columnSum = (rows, place) => rows.reduce((sum, entry) => sum + Number(entry.row.cells[place].dataset.value || 0), 0);

function startTables() {
  for (const block of document.querySelectorAll("[data-table]")) tables.set(block.id, new DataTable(block));
}

function updateTables() {
  for (const table of tables.values()) table.update();
}
