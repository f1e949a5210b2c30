"use strict";
// Sorting and finding; without this script the page shows all, in the order it was written.
const body = document.querySelector("tbody");
const rows = [...body.rows];
const heads = [...document.querySelectorAll("th")];
const tools = document.getElementById("tools");
const counted = document.getElementById("count");
const all = counted.textContent;
const order = new Intl.Collator(undefined, { numeric: true });

function sortBy(column, descending) {
  const isNumber = heads[column].dataset.sort === "number";
  const value = (row) => row.cells[column].dataset.value;
  const compare = isNumber
    ? (a, b) => value(a) - value(b)
    : (a, b) => order.compare(value(a), value(b));
  const sign = descending ? -1 : 1;
  body.append(...[...rows].sort((a, b) => sign * compare(a, b)));
  heads.forEach((head, i) => {
    if (i === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
  tools.sort.value = `${column}${descending ? "-" : "+"}`;
}

function find(text) {
  const wanted = text.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const fits = [1, 3, 4].some((i) => row.cells[i].textContent.toLowerCase().includes(wanted))
      || (row.querySelector("dl")?.textContent ?? "").toLowerCase().includes(wanted);
    row.hidden = !fits;
    shown += fits;
  }
  counted.textContent = wanted ? `${shown} of ${all}` : all;
  document.getElementById("nothing").hidden = shown > 0 || rows.length === 0;
}

tools.sort.add(new Option("as written", ""));
heads.forEach((head, column) => {
  if (!head.dataset.sort) return;
  const name = head.textContent;
  const isNumber = head.dataset.sort === "number";
  const ways = isNumber ? ["lowest first", "highest first"] : ["A to Z", "Z to A"];
  if (name === "Time") ways.splice(0, 2, "earliest first", "latest first");
  tools.sort.add(new Option(`${name}, ${ways[0]}`, `${column}+`));
  tools.sort.add(new Option(`${name}, ${ways[1]}`, `${column}-`));
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.addEventListener("click", () => sortBy(column, head.getAttribute("aria-sort") === "ascending"));
  head.replaceChildren(button);
});
tools.sort.addEventListener("change", () => {
  const [, column, sign] = /^(\d+)(.)$/.exec(tools.sort.value) ?? [];
  if (column) sortBy(Number(column), sign === "-");
  else { body.append(...rows); heads.forEach((head) => head.removeAttribute("aria-sort")); }
});
tools.find.addEventListener("input", () => find(tools.find.value));
tools.addEventListener("submit", (event) => event.preventDefault());
tools.hidden = false;
