
"use strict";
// Everything that is shown is made of text nodes, so that nothing in a quiz file can become markup.
const quiz = JSON.parse(document.getElementById("quiz").textContent);
const results = new Map();

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// The text with its numbers filled in; `code` between backticks.
function rich(text, shown) {
  return fill(text, shown).split(/`([^`]+)`/).map((part, number) => number % 2 ? element("code", {}, part) : part);
}

function fill(text, shown) {
  return text.replace(/\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name) => Object.hasOwn(shown, name) ? shown[name] : whole);
}

function readNumber(typed) {
  let text = typed.trim().replaceAll("\u2212", "-");
  if (/^[+-]?\d{1,3}([,_ ]\d{3})+(\.\d+)?$/.test(text)) text = text.replace(/[,_ ]/g, "");
  return /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text.replace(",", ".")) : null;
}

function readShape(typed) {
  const wrapped = /^torch\.Size\((.*)\)$/.exec(typed.trim());
  const text = wrapped ? wrapped[1] : typed.trim();
  if (!/^[([]?\s*\d+(\s*[,x×;\s]\s*\d+)*\s*,?\s*[)\]]?$/i.test(text)) return null;
  return text.match(/\d+/g).map(Number);
}

// null where what is typed has another form than the answer: two numbers for one, or one size for a shape of several axes
function readValue(kind, typed, answer, tolerance) {
  if (kind === "shape") {
    const shape = readShape(typed);
    return shape && shape.length === 1 && answer.length > 1 ? null : shape;
  }
  const number = readNumber(typed);
  return typed.includes(",") && !Number.isInteger(number) && Number.isInteger(answer) && !tolerance ? null : number;
}

function same(one, other, tolerance) {
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  if (Array.isArray(one)) return one.length === other.length && one.every((size, axis) => size === other[axis]);
  return Math.abs(one - other) <= Math.max(tolerance + 1e-9, 1e-9 * Math.max(Math.abs(one), Math.abs(other)));
}

function words(text) {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) || []).map((word) => " " + word).join("");
}

function makes(point, typed) {
  return point.words.every((group) => group.some((stem) => words(typed).includes(words(stem))));
}

function shuffled(count) {
  const order = [...Array(count).keys()];
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

const HOW = {
  single: "Choose one.",
  several: "Choose all that are right.",
  number: "Your answer, a number",
  shape: "Your answer, a shape such as 1 3 28 28",
  text: "Your answer, for yourself: it is compared with what a good answer says, and not scored",
};

class Card {
  constructor(question, number) {
    this.question = question;
    this.id = "q" + number;
    this.next = Math.floor(Math.random() * question.draws.length);
    this.heading = element("h3", { id: this.id + "-name", tabindex: "-1" }, "Question " + number);
    this.body = element("div");
    this.feedback = element("div", { class: "feedback", role: "status" });
    this.check = element("button", { type: "submit", class: "check" }, question.kind === "text" ? "Compare" : "Check");
    this.again = element("button", { type: "button", class: "again" }, question.draws.length > 1 ? "Again, with other numbers" : "Again");
    this.again.addEventListener("click", () => { this.draw(); this.heading.focus(); });
    this.form = element("form", { "aria-labelledby": this.heading.id, novalidate: "" }, this.heading, this.body,
      element("div", { class: "buttons" }, this.check, this.again), this.feedback);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.answer(); });
    this.draw();
  }

  draw() {
    this.drawn = this.question.draws[this.next % this.question.draws.length];
    this.next += 1;
    this.feedback.replaceChildren();
    this.body.replaceChildren(...(this.question.choices.length ? this.choices() : this.field()));
  }

  code() {
    return this.question.code ? [element("pre", { tabindex: "0", "aria-label": "Code" }, element("code", {}, fill(this.question.code, this.drawn.shown)))] : [];
  }

  choices() {
    const kind = this.question.kind === "single" ? "radio" : "checkbox";
    const boxes = shuffled(this.question.choices.length).map((position) => element("label", { class: "choice" },
      element("input", { type: kind, name: this.id, value: position }),
      element("span", {}, ...rich(this.question.choices[position].text, this.drawn.shown))));
    const legend = element("legend", {}, ...rich(this.question.text, this.drawn.shown), " ", element("span", { class: "how" }, HOW[this.question.kind]));
    return [element("fieldset", {}, legend, ...this.code(), ...boxes)];
  }

  field() {
    const text = element("p", { class: "question", id: this.id + "-text" }, ...rich(this.question.text, this.drawn.shown));
    const label = element("label", { class: "how", for: this.id + "-field" }, HOW[this.question.kind]);
    const common = { id: this.id + "-field", "aria-describedby": text.id, autocomplete: "off" };
    const field = this.question.kind === "text" ? element("textarea", common) : element("input", { ...common, type: "text", spellcheck: "false", inputmode: this.question.kind === "number" ? "decimal" : "text" });
    return [text, ...this.code(), label, field];
  }

  answer() {
    const judged = this.question.choices.length ? this.judgeChoices() : this.judgeTyped(this.body.querySelector("input, textarea").value);
    const lines = judged.unclear ? [element("p", { class: "verdict" }, judged.unclear)] : this.lines(judged);
    this.feedback.replaceChildren(...lines);
    if (judged.unclear || judged.right === null) return;
    results.set(this.id, judged.right);
    const right = [...results.values()].filter(Boolean).length;
    document.getElementById("score").textContent = `${right} of ${results.size} answered questions right`;
  }

  judgeChoices() {
    const chosen = new Set([...this.body.querySelectorAll("input:checked")].map((box) => Number(box.value)));
    if (!chosen.size) return { unclear: "Choose an answer first." };
    const notes = [];
    this.question.choices.forEach((choice, position) => {
      if (chosen.has(position) && !choice.right) notes.push("“" + choice.text + "” " + choice.why);
      if (!chosen.has(position) && choice.right && this.question.kind === "several") notes.push("You left out: " + choice.text);
    });
    // of several right ones the notes name those that were left out
    const answer = this.question.kind === "single" ? this.question.choices.find((choice) => choice.right).text : null;
    return { right: notes.length === 0, notes, answer };
  }

  judgeTyped(typed) {
    const { kind, points, misconceptions, tolerance } = this.question;
    if (kind === "text") {
      if (!typed.trim()) return { unclear: "Write a sentence first." };
      return { right: null, notes: points.map((point) => (makes(point, typed) ? "✓ " : "– ") + point.text) };
    }
    const value = readValue(kind, typed, this.drawn.answer, tolerance);
    if (value === null) return { unclear: kind === "number" ? "Type one number, decimals with a point." : "Type all axes of a shape, such as 1 3 28 28." };
    const right = same(value, this.drawn.answer, tolerance);
    const known = right ? -1 : this.drawn.wrong.findIndex((wrong) => same(value, wrong, tolerance));
    return { right, notes: known < 0 ? [] : [misconceptions[known]], answer: "{answer}" };
  }

  lines(judged) {
    const shown = this.drawn.shown;
    const paragraph = (text, attributes = {}) => element("p", attributes, ...rich(text, shown));
    const notes = judged.notes.map((note) => element("li", {}, ...rich(note, shown)));
    const verdict = judged.right === null ? paragraph("Points that a good answer makes (✓: your words seem to have it)", { class: "verdict" })
      : judged.right ? paragraph("✓ Right.", { class: "verdict right" })
      : paragraph("✗ Not quite." + (judged.answer ? " Right is: " + judged.answer : ""), { class: "verdict wrong" });
    const model = this.question.model_answer ? [paragraph("A model answer: " + this.question.model_answer)] : [];
    return [verdict, ...(notes.length ? [element("ul", {}, ...notes)] : []), ...model, paragraph(this.question.explanation)];
  }
}

let number = 0;
for (const section of quiz.sections) {
  const cards = section.questions.map((question) => new Card(question, ++number).form);
  document.getElementById("questions").append(element("section", {}, element("h2", {}, section.title), ...cards));
}
