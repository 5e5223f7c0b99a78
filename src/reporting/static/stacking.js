// On a phone the rows of a wide table stand below each other, each cell beside the heading of its column.
const phone = matchMedia("(width < 40rem)");
const WIDE_COLUMNS = 4;
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TFOOT: "rowgroup", TR: "row", TD: "cell" };

function stackTables() {
  for (const { table, heads, block } of tables.values()) {
    if (heads.length < WIDE_COLUMNS) continue;
    if (phone.matches) labelCells(table, heads);
    block.classList.toggle("is-stacked", phone.matches);
  }
}

// A table that is laid out as blocks is none for a screen reader, unless its parts say what they are.
function labelCells(table, heads) {
  if (table.role === "table") return;
  const words = heads.map(headText);
  for (const part of [table, table.tHead, table.tBodies[0], table.tFoot]) if (part) part.role = ROLES[part.tagName];
  for (const row of table.rows) {
    row.role = "row";
    [...row.cells].forEach((cell, place) => {
      cell.role = cell.scope === "col" ? "columnheader" : cell.scope === "row" ? "rowheader" : "cell";
      if (place && cell.tagName === "TD") cell.dataset.label = words[place];
    });
  }
}

function startStacking() {
  stackTables();
  phone.addEventListener("change", stackTables);
}
