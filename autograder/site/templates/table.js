"use strict";
(() => {
  const table = document.getElementById("submissions");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const words = document.getElementById("words");
  const exercise = document.getElementById("exercise");
  const only = document.getElementById("only");
  const count = document.getElementById("count");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      const fits = wanted.every((word) => texts[index].includes(word))
        && (!exercise.value || row.cells[1].textContent === exercise.value)
        && (!only.checked || row.dataset.look === "1");
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    count.textContent = `${shown} of ${rows.length}`;
  };
  const value = (row, column) => {
    const text = row.cells[column].textContent.trim();
    const number = parseFloat(text);
    return table.tHead.rows[0].cells[column].classList.contains("n") ? (Number.isNaN(number) ? -1 : number) : text;
  };
  const compare = (left, right) => typeof left === "number" ? left - right : left.localeCompare(right);
  const sort = (heading) => {
    const column = heading.cellIndex;
    const rising = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const keyed = rows.map((row) => [value(row, column), row]);
    keyed.sort((a, b) => (rising ? 1 : -1) * compare(a[0], b[0]));
    body.append(...keyed.map((pair) => pair[1]));
  };
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading));
    heading.append(button);
  }
  for (const control of [words, exercise, only]) control.addEventListener("input", filter);
  document.getElementById("controls").hidden = false;
  filter();
})();
